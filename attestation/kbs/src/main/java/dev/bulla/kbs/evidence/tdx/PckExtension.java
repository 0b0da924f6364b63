package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a PCK certificate says of its platform: the extension 1.2.840.113741.1.13.1 of Intel's PCK certificate profile.
 *
 * @param ppid the platform provisioning ID, 16 bytes
 * @param componentSvns the 16 security versions of the SGX components
 * @param pceSvn the security version of the provisioning certification enclave
 * @param pceId 2 bytes
 * @param fmspc family, model, stepping, platform and custom SKU: 6 bytes
 * @param sgxType 0 standard, 1 scalable, 2 scalable with integrity
 * @param platformInstanceId 16 bytes, little endian, of certificates of the Platform CA
 * @param configuration of certificates of the Platform CA
 */
@SuppressWarnings("ArrayRecordComponent") // read by one verifier; never compared
record PckExtension(
        byte[] ppid,
        int[] componentSvns,
        int pceSvn,
        byte[] pceId,
        byte[] fmspc,
        int sgxType,
        Optional<byte[]> platformInstanceId,
        Optional<Configuration> configuration) {

    /** How many SGX components have a security version. */
    static final int COMPONENTS = 16;

    private static final String OID = "1.2.840.113741.1.13.1";
    private static final byte[] ENCODED_OID = HexFormat.of().parseHex("2a864886f84d010d01");

    /** How a platform of several packages is set up. */
    record Configuration(boolean dynamicPlatform, boolean cachedKeys, boolean smtEnabled) {}

    /**
     * Reads the extension of a certificate.
     *
     * @throws EvidenceException when it is absent or malformed
     */
    static PckExtension of(X509Certificate certificate) throws EvidenceException {
        byte @Nullable [] value = certificate.getExtensionValue(OID);
        if (value == null) {
            throw new EvidenceException("PCK certificate: no SGX extension " + OID);
        }
        try {
            DerReader outer = new DerReader(value);
            byte[] extension = outer.take(DerReader.OCTET_STRING);
            outer.end();
            return parse(extension);
        } catch (EvidenceException e) {
            throw new EvidenceException("PCK certificate: SGX extension: " + e.getMessage());
        }
    }

    /** Reads the extension's value. */
    static PckExtension parse(byte[] extension) throws EvidenceException {
        DerReader in = new DerReader(extension);
        Map<Integer, DerReader> parts = members(in.sequence(), new byte[0]);
        in.end();
        DerReader tcb = part(parts, 2).sequence();
        Map<Integer, DerReader> levels = members(tcb, new byte[] {2});
        int[] svns = new int[COMPONENTS];
        for (int i = 0; i < COMPONENTS; i++) {
            svns[i] = part(levels, i + 1).number(DerReader.INTEGER, 0xff);
        }
        Optional<byte[]> instance = Optional.empty();
        if (parts.containsKey(6)) {
            instance = Optional.of(part(parts, 6).octets(16));
        }
        Optional<Configuration> configuration = Optional.empty();
        if (parts.containsKey(7)) {
            Map<Integer, DerReader> flags = members(part(parts, 7).sequence(), new byte[] {7});
            configuration = Optional.of(new Configuration(
                    part(flags, 1).bool(), part(flags, 2).bool(), part(flags, 3).bool()));
        }
        return new PckExtension(
                part(parts, 1).octets(16),
                svns,
                part(levels, 17).number(DerReader.INTEGER, 0xffff),
                part(parts, 3).octets(2),
                part(parts, 4).octets(6),
                part(parts, 5).number(DerReader.ENUMERATED, 2),
                instance,
                configuration);
    }

    /** The values of a sequence of pairs, by the last number of their identifiers; each reader stands before its value. */
    private static Map<Integer, DerReader> members(DerReader in, byte[] arc) throws EvidenceException {
        Map<Integer, DerReader> members = new TreeMap<>();
        while (in.hasMore()) {
            DerReader pair = in.sequence();
            byte[] oid = pair.take(DerReader.OBJECT_IDENTIFIER);
            int parent = ENCODED_OID.length + arc.length;
            if (oid.length != parent + 1
                    || oid[parent] < 0
                    || !Arrays.equals(oid, 0, ENCODED_OID.length, ENCODED_OID, 0, ENCODED_OID.length)
                    || !Arrays.equals(oid, ENCODED_OID.length, parent, arc, 0, arc.length)) {
                throw new EvidenceException(
                        "foreign identifier " + HexFormat.of().formatHex(oid));
            }
            if (members.put((int) oid[parent], pair) != null) {
                throw new EvidenceException("identifier " + oid[parent] + " twice");
            }
        }
        return members;
    }

    private static DerReader part(Map<Integer, DerReader> parts, int number) throws EvidenceException {
        DerReader part = parts.get(number);
        if (part == null) {
            throw new EvidenceException("part " + number + " is missing");
        }
        return part;
    }
}
