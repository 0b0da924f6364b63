package dev.bulla.attestation.protocol.snp;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An attestation report of SEV-SNP (56860, ATTESTATION_REPORT), versions 2 to 5: 1184 bytes, integers little-endian, of which the
 * first 2A0h are signed.
 *
 * <p>Version 2 does not name the processor, so its TCB layout is told from the chip's identifier: only Turin's ends after eight
 * bytes. Version 3 brought family, model and stepping; version 5 the mitigation vectors.
 *
 * <p><b>Security.</b> A value of this class is not verified. It holds the very bytes that are to be verified, and every accessor
 * reads from them. Bytes that the ABI reserves and that no accessor gives must be zero, so nothing that is signed is left unsaid
 * by {@link #toEvidenceJson()}.
 */
public final class SnpReport {
    /** The size in bytes. */
    public static final int SIZE = 1184;

    /** How many of the first bytes the signature covers. */
    public static final int SIGNED_SIZE = 0x2A0;

    /** The oldest version that is read. */
    public static final int MIN_VERSION = 2;

    /** The oldest version that names the processor. */
    public static final int MIN_VERSION_WITH_PROCESSOR = 3;

    /** The oldest version with mitigation vectors. */
    public static final int MIN_VERSION_WITH_MITIGATIONS = 5;

    /** The newest version that is read. */
    public static final int MAX_VERSION = 5;

    /** The size of each half of a signature, in bytes. */
    public static final int SIGNATURE_PART_SIZE = 72;

    static final int VERSION = 0x000;
    static final int GUEST_SVN = 0x004;
    static final int POLICY = 0x008;
    static final int FAMILY_ID = 0x010;
    static final int IMAGE_ID = 0x020;
    static final int VMPL = 0x030;
    static final int SIGNATURE_ALGORITHM = 0x034;
    static final int CURRENT_TCB = 0x038;
    static final int PLATFORM_INFO = 0x040;
    static final int KEY_INFO = 0x048;
    static final int RESERVED_AFTER_KEY_INFO = 0x04C;
    static final int REPORT_DATA = 0x050;
    static final int MEASUREMENT = 0x090;
    static final int HOST_DATA = 0x0C0;
    static final int ID_KEY_DIGEST = 0x0E0;
    static final int AUTHOR_KEY_DIGEST = 0x110;
    static final int REPORT_ID = 0x140;
    static final int REPORT_ID_MA = 0x160;
    static final int REPORTED_TCB = 0x180;
    static final int CPU_FAMILY = 0x188;
    static final int CPU_MODEL = 0x189;
    static final int CPU_STEPPING = 0x18A;
    static final int RESERVED_AFTER_STEPPING = 0x18B;
    static final int CHIP_ID = 0x1A0;
    static final int COMMITTED_TCB = 0x1E0;
    static final int CURRENT_VERSION = 0x1E8;
    static final int RESERVED_AFTER_CURRENT_VERSION = 0x1EB;
    static final int COMMITTED_VERSION = 0x1EC;
    static final int RESERVED_AFTER_COMMITTED_VERSION = 0x1EF;
    static final int LAUNCH_TCB = 0x1F0;
    static final int LAUNCH_MITIGATIONS = 0x1F8;
    static final int CURRENT_MITIGATIONS = 0x200;
    static final int RESERVED_AFTER_MITIGATIONS = 0x208;
    static final int SIGNATURE_R = SIGNED_SIZE;
    static final int SIGNATURE_S = SIGNATURE_R + SIGNATURE_PART_SIZE;
    static final int RESERVED_AFTER_SIGNATURE = SIGNATURE_S + SIGNATURE_PART_SIZE;

    private static final int SHORT_CHIP_ID_SIZE = 8;

    private final byte[] bytes;
    private final Optional<SnpProduct> product;
    private final SnpTcb currentTcb;
    private final SnpTcb reportedTcb;
    private final SnpTcb committedTcb;
    private final SnpTcb launchTcb;

    /** Takes bytes of the right size and no known defect but in reserved bytes. */
    private SnpReport(byte[] bytes, Optional<SnpProduct> product) throws KbsProtocolException {
        this.bytes = bytes;
        this.product = product;
        boolean hasFmc = hasFmc(bytes, product);
        this.currentTcb = SnpTcb.parse(bytes, CURRENT_TCB, hasFmc, "current_tcb");
        this.reportedTcb = SnpTcb.parse(bytes, REPORTED_TCB, hasFmc, "reported_tcb");
        this.committedTcb = SnpTcb.parse(bytes, COMMITTED_TCB, hasFmc, "committed_tcb");
        this.launchTcb = SnpTcb.parse(bytes, LAUNCH_TCB, hasFmc, "launch_tcb");
    }

    /**
     * Reads a report's bytes.
     *
     * @param report the 1184 bytes
     * @throws KbsProtocolException when they are not a report of a version and a processor that we know
     */
    public static SnpReport parse(byte[] report) throws KbsProtocolException {
        if (report.length != SIZE) {
            throw new KbsProtocolException("SNP report: " + report.length + " bytes, expected " + SIZE);
        }
        byte[] bytes = report.clone();
        ByteBuffer fields = littleEndian(bytes);
        long version = Integer.toUnsignedLong(fields.getInt(VERSION));
        checkVersion(version);
        checkZero(bytes, RESERVED_AFTER_KEY_INFO, REPORT_DATA, "after key_info");
        Optional<SnpProduct> product = Optional.empty();
        if (version < MIN_VERSION_WITH_PROCESSOR) {
            checkZero(bytes, CPU_FAMILY, CHIP_ID, "after reported_tcb");
        } else {
            product =
                    Optional.of(productOf(Byte.toUnsignedInt(bytes[CPU_FAMILY]), Byte.toUnsignedInt(bytes[CPU_MODEL])));
            checkZero(bytes, RESERVED_AFTER_STEPPING, CHIP_ID, "after cpuid_step");
        }
        checkZero(bytes, RESERVED_AFTER_CURRENT_VERSION, COMMITTED_VERSION, "after current");
        checkZero(bytes, RESERVED_AFTER_COMMITTED_VERSION, LAUNCH_TCB, "after committed");
        int lastReserved = version < MIN_VERSION_WITH_MITIGATIONS ? LAUNCH_MITIGATIONS : RESERVED_AFTER_MITIGATIONS;
        checkZero(bytes, lastReserved, SIGNED_SIZE, "before signature");
        checkZero(bytes, RESERVED_AFTER_SIGNATURE, SIZE, "after signature");
        return new SnpReport(bytes, product);
    }

    /**
     * Reads the JSON of a report, as {@link #toEvidenceJson()} writes it. A report from before the mitigation vectors may name
     * them as {@code null} or not at all; where they are not named by a report that has them, they are zero.
     *
     * @param json the object
     * @throws KbsProtocolException when it is malformed, or what it says is no report that we know
     */
    public static SnpReport parse(JsonCursor json) throws KbsProtocolException {
        try {
            return parse(SnpReportJson.read(json));
        } catch (JsonException e) {
            throw new KbsProtocolException("SNP report: " + e.getMessage(), e);
        }
    }

    /**
     * The report's JSON: integers as numbers, bytes as arrays of numbers, absent fields as {@code null}.
     */
    public JsonObject toEvidenceJson() {
        return SnpReportJson.write(this);
    }

    static void checkVersion(long version) throws KbsProtocolException {
        if (version < MIN_VERSION || version > MAX_VERSION) {
            throw new KbsProtocolException(
                    "SNP report: version " + version + ", expected " + MIN_VERSION + " to " + MAX_VERSION);
        }
    }

    static SnpProduct productOf(int family, int model) throws KbsProtocolException {
        HexFormat hex = HexFormat.of().withUpperCase();
        return SnpProduct.of(family, model)
                .orElseThrow(() -> new KbsProtocolException("SNP report: processor family "
                        + hex.toHexDigits((byte) family) + "h, model " + hex.toHexDigits((byte) model)
                        + "h, expected Milan, Genoa or Turin"));
    }

    /** Refuses bytes that the ABI reserves and that are not zero. */
    static void checkZero(byte[] bytes, int from, int to, String name) throws KbsProtocolException {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                throw new KbsProtocolException(
                        "SNP report: reserved byte at " + Integer.toHexString(i) + "h (" + name + ") is not zero");
            }
        }
    }

    static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether the TCB layout has FMC; {@code bytes} need a chip identifier only where the product is unknown. */
    static boolean hasFmc(byte[] bytes, Optional<SnpProduct> product) {
        return product.map(known -> known == SnpProduct.TURIN)
                .orElseGet(() -> !isZero(bytes, CHIP_ID, CHIP_ID + SHORT_CHIP_ID_SIZE)
                        && isZero(bytes, CHIP_ID + SHORT_CHIP_ID_SIZE, COMMITTED_TCB));
    }

    private static boolean isZero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** The report as it is, 1184 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The bytes that the signature covers. */
    public byte[] signedBytes() {
        return Arrays.copyOf(bytes, SIGNED_SIZE);
    }

    /** The report's version, 2 to 5. */
    public int version() {
        return u32AsInt(VERSION);
    }

    /** The guest's security version from its ID block, unsigned. */
    public long guestSvn() {
        return u32(GUEST_SVN);
    }

    /** The guest's policy. */
    public SnpPolicy policy() {
        return new SnpPolicy(u64(POLICY));
    }

    /** The family identifier from launch, 16 bytes. */
    public byte[] familyId() {
        return range(FAMILY_ID, IMAGE_ID);
    }

    /** The image identifier from launch, 16 bytes. */
    public byte[] imageId() {
        return range(IMAGE_ID, VMPL);
    }

    /** The privilege level that asked for the report, 0 the highest; FFFFFFFFh where the host asked. */
    public long vmpl() {
        return u32(VMPL);
    }

    /** The signature's algorithm; 1 is ECDSA on P-384 with SHA-384. */
    public long signatureAlgorithm() {
        return u32(SIGNATURE_ALGORITHM);
    }

    /** The versions that run. */
    public SnpTcb currentTcb() {
        return currentTcb;
    }

    /** What the platform says of itself. */
    public SnpPlatformInfo platformInfo() {
        return new SnpPlatformInfo(u64(PLATFORM_INFO));
    }

    /** Which keys the report names. */
    public SnpKeyInfo keyInfo() {
        return new SnpKeyInfo(u32AsInt(KEY_INFO));
    }

    /** What the guest had put into the report, 64 bytes. */
    public byte[] reportData() {
        return range(REPORT_DATA, MEASUREMENT);
    }

    /** The launch measurement, 48 bytes. */
    public byte[] measurement() {
        return range(MEASUREMENT, HOST_DATA);
    }

    /** What the host had put into the launch, 32 bytes. */
    public byte[] hostData() {
        return range(HOST_DATA, ID_KEY_DIGEST);
    }

    /** SHA-384 of the key that signed the ID block. */
    public byte[] idKeyDigest() {
        return range(ID_KEY_DIGEST, AUTHOR_KEY_DIGEST);
    }

    /** SHA-384 of the key that certified the ID key. */
    public byte[] authorKeyDigest() {
        return range(AUTHOR_KEY_DIGEST, REPORT_ID);
    }

    /** The guest's identifier, 32 bytes. */
    public byte[] reportId() {
        return range(REPORT_ID, REPORT_ID_MA);
    }

    /** The migration agent's identifier, 32 bytes. */
    public byte[] reportIdOfMigrationAgent() {
        return range(REPORT_ID_MA, REPORTED_TCB);
    }

    /** The versions that the signing key was derived from. */
    public SnpTcb reportedTcb() {
        return reportedTcb;
    }

    /** The product, in versions that name the processor. */
    public Optional<SnpProduct> product() {
        return product;
    }

    /** The processor's combined family, in versions that have it. */
    public OptionalInt cpuFamily() {
        return processorByte(CPU_FAMILY);
    }

    /** The processor's combined model, in versions that have it. */
    public OptionalInt cpuModel() {
        return processorByte(CPU_MODEL);
    }

    /** The processor's stepping, in versions that have it. */
    public OptionalInt cpuStepping() {
        return processorByte(CPU_STEPPING);
    }

    /** The chip's identifier, 64 bytes, zeros where the platform hides it. */
    public byte[] chipId() {
        return range(CHIP_ID, COMMITTED_TCB);
    }

    /** The versions that the platform cannot go below again. */
    public SnpTcb committedTcb() {
        return committedTcb;
    }

    /** The firmware that runs. */
    public SnpFirmwareVersion currentVersion() {
        return SnpFirmwareVersion.parse(bytes, CURRENT_VERSION);
    }

    /** The firmware that the platform cannot go below again. */
    public SnpFirmwareVersion committedVersion() {
        return SnpFirmwareVersion.parse(bytes, COMMITTED_VERSION);
    }

    /** The versions at the time of launch or import. */
    public SnpTcb launchTcb() {
        return launchTcb;
    }

    /** The mitigations at the time of launch, 64 bits, in versions that have them. */
    public OptionalLong launchMitigations() {
        return mitigations(LAUNCH_MITIGATIONS);
    }

    /** The mitigations now, 64 bits, in versions that have them. */
    public OptionalLong currentMitigations() {
        return mitigations(CURRENT_MITIGATIONS);
    }

    /** The signature's R, 72 bytes little-endian. */
    public byte[] signatureR() {
        return range(SIGNATURE_R, SIGNATURE_S);
    }

    /** The signature's S, 72 bytes little-endian. */
    public byte[] signatureS() {
        return range(SIGNATURE_S, RESERVED_AFTER_SIGNATURE);
    }

    private byte[] range(int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }

    private int u32AsInt(int offset) {
        return littleEndian(bytes).getInt(offset);
    }

    private long u32(int offset) {
        return Integer.toUnsignedLong(u32AsInt(offset));
    }

    private long u64(int offset) {
        return littleEndian(bytes).getLong(offset);
    }

    private OptionalInt processorByte(int offset) {
        return product.isPresent() ? OptionalInt.of(Byte.toUnsignedInt(bytes[offset])) : OptionalInt.empty();
    }

    private OptionalLong mitigations(int offset) {
        return version() < MIN_VERSION_WITH_MITIGATIONS ? OptionalLong.empty() : OptionalLong.of(u64(offset));
    }

    /** Whether the other is a report of the same bytes. */
    @Override
    public boolean equals(Object other) {
        return other instanceof SnpReport report && Arrays.equals(bytes, report.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The version and the product. */
    @Override
    public String toString() {
        return "SNP report of version " + version()
                + product.map(known -> ", " + known.amdName()).orElse("");
    }
}
