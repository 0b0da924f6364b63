package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Arrays;

/**
 * One of Intel's signed documents: {@code {"NAME":{…},"signature":"HEX"}}, in which the signature is over the bytes of the member
 * as they stand.
 */
final class SignedDocument {
    private SignedDocument() {}

    /**
     * The bytes of the member, of which the signature is verified.
     *
     * @param name the member's name
     * @param key the key of the TCB signing certificate
     * @throws EvidenceException when the document has another form, or the key has not signed the member
     */
    static byte[] verify(byte[] document, String name, PublicKey key) throws EvidenceException {
        String what = "TDX collateral: " + name;
        if (document.length > TdxCollateral.MAX_DOCUMENT_BYTES) {
            throw new EvidenceException(
                    what + ": " + document.length + " bytes, expected at most " + TdxCollateral.MAX_DOCUMENT_BYTES);
        }
        byte[] prefix = ("{\"" + name + "\":").getBytes(StandardCharsets.UTF_8);
        byte[] signature;
        byte[] signed;
        try {
            // Strictly one object with these two members: so what lies between them is the member's text.
            JsonCursor.Members members = JsonCursor.parse(document).object();
            members.allowOnly(name, "signature");
            members.required(name).object();
            JsonCursor text = members.required("signature");
            signature = CollateralJson.hex(text, P256.SIGNATURE_SIZE);
            byte[] suffix = (",\"signature\":\"" + text.string() + "\"}").getBytes(StandardCharsets.UTF_8);
            int end = new String(document, StandardCharsets.ISO_8859_1)
                    .stripTrailing()
                    .length();
            int length = end - suffix.length;
            if (length < prefix.length
                    || !Arrays.equals(document, 0, prefix.length, prefix, 0, prefix.length)
                    || !Arrays.equals(document, length, end, suffix, 0, suffix.length)) {
                throw new EvidenceException(what + ": not in the form in which Intel signs it");
            }
            signed = Arrays.copyOfRange(document, prefix.length, length);
        } catch (JsonException e) {
            throw new EvidenceException(what + ": " + e.getMessage());
        }
        try {
            P256.verify(key, signed, signature);
        } catch (GeneralSecurityException e) {
            throw new EvidenceException(what + ": the signature does not verify", e);
        }
        return signed;
    }
}
