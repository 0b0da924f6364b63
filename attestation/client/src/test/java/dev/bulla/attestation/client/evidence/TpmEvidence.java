package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.oci.json.JsonCursor;
import java.nio.ByteBuffer;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** Judges TPM evidence as a verifier does, apart from our own reading of it. */
final class TpmEvidence {
    private TpmEvidence() {}

    /** The PCRs of evidence that is signed, quotes them and carries the nonce. */
    static List<String> verify(JsonCursor evidence, byte[] nonce) throws Exception {
        JsonCursor.Members members = evidence.object();
        members.allowOnly("tpm_quote", "ak_public");
        JsonCursor.Members quote = members.required("tpm_quote").object();
        quote.allowOnly("signature", "message", "pcrs");
        byte[] signature =
                Base64.getDecoder().decode(quote.required("signature").string());
        byte[] message = Base64.getDecoder().decode(quote.required("message").string());
        PublicKey key = KeyFactory.getInstance("RSA")
                .generatePublic(new X509EncodedKeySpec(
                        Base64.getDecoder().decode(members.required("ak_public").string())));
        assertThat(signature).startsWith(0, 0x14, 0, 0xB, 1, 0).hasSize(6 + 256);
        List<String> pcrs = quote.required("pcrs").strings();
        verify(key, message, Arrays.copyOfRange(signature, 6, signature.length), pcrs, nonce);
        return pcrs;
    }

    static void verify(PublicKey key, byte[] message, byte[] signature, List<String> pcrs, byte[] nonce)
            throws Exception {
        Signature verifier = Signature.getInstance("SHA256withRSA");
        verifier.initVerify(key);
        verifier.update(message);
        assertThat(verifier.verify(signature)).isTrue();

        ByteBuffer in = ByteBuffer.wrap(message);
        assertThat(in.getInt()).isEqualTo(0xFF544347);
        assertThat(in.getShort()).isEqualTo((short) 0x8018);
        in.position(in.position() + 2 + in.getShort(in.position()));
        byte[] carried = new byte[in.getShort()];
        in.get(carried);
        assertThat(carried).isEqualTo(nonce);
        assertThat(pcrs).hasSize(24);
        byte[] digest = Arrays.copyOfRange(message, message.length - 32, message.length);
        assertThat(HashAlgorithm.SHA256.digest(HexFormat.of().parseHex(String.join("", pcrs))))
                .isEqualTo(digest);
    }
}
