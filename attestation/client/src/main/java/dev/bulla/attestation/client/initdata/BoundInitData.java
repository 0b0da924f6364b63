package dev.bulla.attestation.client.initdata;

import dev.bulla.attestation.protocol.InitDataDocument;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Initdata whose digest the TEE has measured.
 *
 * <p><b>Security.</b> There is one only when the digest over the text's very bytes, cut or filled with zeros to the field's
 * length, is the field's value; the comparison takes the same time wherever the two differ. It says that the host did not
 * change initdata since the start, not that the tenant chose it: that is for the KBS, which sees the same digest.
 */
public final class BoundInitData {
    /** The shortest field: less of a digest would be no binding. */
    public static final int MIN_FIELD = 32;

    private final InitDataDocument document;

    private BoundInitData(InitDataDocument document) {
        this.document = document;
    }

    /**
     * Compares a document with what the TEE measured.
     *
     * @throws InitDataMismatchException when the guest was started with other initdata, or with none
     * @throws IOException when the TEE does not say
     */
    public static BoundInitData verify(InitDataDocument document, InitDataField field)
            throws InitDataMismatchException, IOException {
        byte[] measured = field.read();
        if (measured.length < MIN_FIELD) {
            throw new InitDataMismatchException(field.name() + ": got " + measured.length + " bytes, expected at least "
                    + MIN_FIELD + ": that binds no initdata");
        }
        byte[] expected = document.digest(measured.length);
        if (!MessageDigest.isEqual(expected, measured)) {
            throw new InitDataMismatchException("initdata: the TEE measured other initdata than this: " + field.name()
                    + " is " + HexFormat.of().formatHex(measured) + ", expected "
                    + HexFormat.of().formatHex(expected) + " ("
                    + document.algorithm().wireName() + ")");
        }
        return new BoundInitData(document);
    }

    /** The document. */
    public InitDataDocument document() {
        return document;
    }

    @Override
    public String toString() {
        return "BoundInitData[" + document + "]";
    }
}
