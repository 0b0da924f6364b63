package dev.bulla.attestation.client.evidence;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.protocol.snp.SnpCertificate;
import dev.bulla.attestation.protocol.snp.SnpEvidence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * The table of certificates that a host gives beside an SNP report (GHCB specification 2.03, 4.1.8.1): entries of a GUID,
 * an offset and a length, up to an entry of zeros; the certificates lie behind them.
 *
 * <p>The host writes it. A table that lies about its bounds is refused as a whole.
 */
final class SnpCertificateTable {
    private static final int ENTRY = 24;
    private static final UUID END = new UUID(0, 0);

    private SnpCertificateTable() {}

    /** The entries, in the table's order; none where the host gave no table. */
    static List<SnpCertificate> parse(byte[] table) throws EvidenceUnavailableException {
        List<SnpCertificate> certificates = new ArrayList<>();
        if (table.length == 0) {
            return certificates;
        }
        ByteBuffer in = ByteBuffer.wrap(table);
        while (true) {
            int at = in.position();
            if (in.remaining() < ENTRY) {
                throw refuse(at, "the table has no end");
            }
            UUID guid = new UUID(in.getLong(), in.getLong()); // in RFC 9562's order, unlike most GUIDs of firmware
            in.order(ByteOrder.LITTLE_ENDIAN);
            long offset = Integer.toUnsignedLong(in.getInt());
            long length = Integer.toUnsignedLong(in.getInt());
            in.order(ByteOrder.BIG_ENDIAN);
            if (guid.equals(END)) {
                return certificates;
            }
            if (certificates.size() == SnpEvidence.MAX_CERTIFICATES) {
                throw refuse(at, "more than " + SnpEvidence.MAX_CERTIFICATES + " entries");
            }
            if (length == 0 || length > SnpCertificate.MAX_SIZE || offset + length > table.length) {
                throw refuse(at, length + " bytes at " + offset + " of " + table.length);
            }
            certificates.add(
                    new SnpCertificate(guid, Arrays.copyOfRange(table, (int) offset, (int) (offset + length))));
        }
    }

    private static EvidenceUnavailableException refuse(int position, String problem) {
        return new EvidenceUnavailableException(
                "snp: certificate table of the host, byte " + position + ": " + problem);
    }
}
