package dev.bulla.kbs.audit;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Where a log ends.
 *
 * @param records how many records it has
 * @param hash the SHA-256 of the last line without its newline, in hexadecimal; of an empty log 64 zeros
 */
public record AuditHead(long records, String hash) {
    /** The head of an empty log. */
    public static final AuditHead EMPTY = new AuditHead(0, "0".repeat(64));

    /** The longest line in bytes. */
    public static final int MAX_LINE = 64 * 1024;

    /** The member with the record's number, from 1 on. */
    static final String NUMBER = "seq";

    /** The member with the hash of the line before. */
    static final String PREVIOUS = "prev";

    /**
     * Verifies a log from its first line to its last.
     *
     * @return where it ends
     * @throws AuditException when a line is not what follows from the one before it
     */
    public static AuditHead verify(Path file) throws AuditException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            AuditHead head = EMPTY;
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b == '\n') {
                    head = head.next(line.toByteArray(), file);
                    line.reset();
                } else if (line.size() == MAX_LINE) {
                    throw head.broken(file, "longer than " + MAX_LINE + " bytes");
                } else {
                    line.write(b);
                }
            }
            if (line.size() > 0) {
                throw head.broken(file, "it does not end with a newline: it was cut off, or its writing was");
            }
            return head;
        } catch (IOException e) {
            throw new AuditException("audit log " + file + ": cannot be read", e);
        }
    }

    /** The head after this line. */
    AuditHead after(byte[] line) {
        return new AuditHead(records + 1, HexFormat.of().formatHex(HashAlgorithm.SHA256.digest(line)));
    }

    private AuditHead next(byte[] line, Path file) throws AuditException {
        try {
            JsonCursor.Members members = JsonCursor.parse(line).object();
            long number = members.required(NUMBER).integer(1, Long.MAX_VALUE);
            if (number != records + 1) {
                throw broken(file, "it has the number " + number);
            }
            String previous = members.required(PREVIOUS).string();
            if (!previous.equals(hash)) {
                throw broken(
                        file,
                        "it follows a line of hash " + Quoted.text(previous) + ", the line before it has \"" + hash
                                + "\"");
            }
        } catch (JsonException e) {
            throw broken(file, e.getMessage());
        }
        return after(line);
    }

    private AuditException broken(Path file, String problem) {
        return new AuditException("audit log " + file + ", line " + (records + 1) + ": " + problem);
    }
}
