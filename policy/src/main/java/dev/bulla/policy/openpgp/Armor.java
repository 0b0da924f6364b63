package dev.bulla.policy.openpgp;

import dev.bulla.oci.Quoted;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Iterator;
import org.bouncycastle.bcpg.CRC24;

/**
 * ASCII armour around public keys: any number of blocks, text between them passed over. Spec: RFC 9580 section 6.
 */
final class Armor {
    private static final String BEGIN = "-----BEGIN ";
    private static final String BEGIN_KEYS = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
    private static final String END_KEYS = "-----END PGP PUBLIC KEY BLOCK-----";
    private static final int CHECKSUM_LENGTH = 5;
    private static final int CHECKSUM_OCTETS = 3;

    private Armor() {}

    /** Whether the bytes can be no packets, whose first has its topmost bit set. */
    static boolean isText(byte[] bytes) {
        return bytes.length > 0 && bytes[0] >= 0;
    }

    /** The packets of all blocks, one after the other. */
    static byte[] binary(byte[] text) throws OpenPgpException {
        ByteArrayOutputStream packets = new ByteArrayOutputStream();
        Iterator<String> lines = new String(text, StandardCharsets.ISO_8859_1)
                .lines()
                .map(String::stripTrailing)
                .iterator();
        boolean found = false;
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.equals(BEGIN_KEYS)) {
                packets.writeBytes(block(lines));
                found = true;
            } else if (line.startsWith(BEGIN)) {
                throw new OpenPgpException("a block " + Quoted.text(line) + ", expected " + BEGIN_KEYS);
            }
        }
        if (!found) {
            throw new OpenPgpException("neither OpenPGP packets nor a block " + BEGIN_KEYS);
        }
        return packets.toByteArray();
    }

    private static byte[] block(Iterator<String> lines) throws OpenPgpException {
        boolean inHeaders = true;
        String checksum = "";
        StringBuilder body = new StringBuilder();
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.equals(END_KEYS)) {
                return decoded(body.toString(), checksum);
            }
            if (inHeaders && (line.isEmpty() || line.contains(": "))) {
                inHeaders = !line.isEmpty();
            } else if (!checksum.isEmpty()) {
                throw new OpenPgpException("an armoured block with lines after its checksum");
            } else if (line.startsWith("=") && line.length() == CHECKSUM_LENGTH) {
                checksum = line.substring(1);
                inHeaders = false;
            } else {
                body.append(line);
                inHeaders = false;
            }
        }
        throw new OpenPgpException("an armoured block without its end");
    }

    private static byte[] decoded(String base64, String checksum) throws OpenPgpException {
        byte[] bytes;
        byte[] expected;
        try {
            bytes = Base64.getDecoder().decode(base64);
            expected = Base64.getDecoder().decode(checksum);
        } catch (IllegalArgumentException e) {
            throw new OpenPgpException("an armoured block that is not base64", e);
        }
        if (!checksum.isEmpty()) {
            if (expected.length != CHECKSUM_OCTETS) {
                throw new OpenPgpException("an armoured block with a checksum of " + expected.length
                        + " bytes, expected " + CHECKSUM_OCTETS);
            }
            CRC24 crc = new CRC24();
            for (byte octet : bytes) {
                crc.update(Byte.toUnsignedInt(octet));
            }
            int wanted = Byte.toUnsignedInt(expected[0]) << 16
                    | Byte.toUnsignedInt(expected[1]) << 8
                    | Byte.toUnsignedInt(expected[2]);
            if (crc.getValue() != wanted) {
                throw new OpenPgpException("an armoured block whose checksum is not that of its bytes");
            }
        }
        return bytes;
    }
}
