package dev.bulla.attestation.protocol.snp;

import dev.bulla.attestation.protocol.JsonBytes;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The JSON of a report: the members of the {@code sev} crate's {@code AttestationReport}, in their order. */
final class SnpReportJson {
    private static final long MAX_U32 = 0xFFFF_FFFFL;
    private static final int MAX_U8 = 0xFF;

    private SnpReportJson() {}

    static JsonObject write(SnpReport report) {
        return JsonObject.builder()
                .put("version", report.version())
                .put("guest_svn", report.guestSvn())
                .put("policy", unsigned(report.policy().bits()))
                .put("family_id", JsonBytes.write(report.familyId()))
                .put("image_id", JsonBytes.write(report.imageId()))
                .put("vmpl", report.vmpl())
                .put("sig_algo", report.signatureAlgorithm())
                .put("current_tcb", report.currentTcb().toJson())
                .put("plat_info", unsigned(report.platformInfo().bits()))
                .put("key_info", Integer.toUnsignedLong(report.keyInfo().bits()))
                .put("report_data", JsonBytes.write(report.reportData()))
                .put("measurement", JsonBytes.write(report.measurement()))
                .put("host_data", JsonBytes.write(report.hostData()))
                .put("id_key_digest", JsonBytes.write(report.idKeyDigest()))
                .put("author_key_digest", JsonBytes.write(report.authorKeyDigest()))
                .put("report_id", JsonBytes.write(report.reportId()))
                .put("report_id_ma", JsonBytes.write(report.reportIdOfMigrationAgent()))
                .put("reported_tcb", report.reportedTcb().toJson())
                .put("cpuid_fam_id", orNull(report.cpuFamily()))
                .put("cpuid_mod_id", orNull(report.cpuModel()))
                .put("cpuid_step", orNull(report.cpuStepping()))
                .put("chip_id", JsonBytes.write(report.chipId()))
                .put("committed_tcb", report.committedTcb().toJson())
                .put("current", report.currentVersion().toJson())
                .put("committed", report.committedVersion().toJson())
                .put("launch_tcb", report.launchTcb().toJson())
                .put("launch_mit_vector", orNull(report.launchMitigations()))
                .put("current_mit_vector", orNull(report.currentMitigations()))
                .put(
                        "signature",
                        JsonObject.builder()
                                .put("r", JsonBytes.write(report.signatureR()))
                                .put("s", JsonBytes.write(report.signatureS()))
                                .build())
                .build();
    }

    private static JsonValue unsigned(long value) {
        return new JsonNumber(Long.toUnsignedString(value));
    }

    private static JsonValue orNull(OptionalInt value) {
        return value.isPresent() ? JsonNumber.of(value.getAsInt()) : JsonNull.NULL;
    }

    private static JsonValue orNull(OptionalLong value) {
        return value.isPresent() ? unsigned(value.getAsLong()) : JsonNull.NULL;
    }

    /** The bytes that the JSON says; what is reserved is zero. */
    static byte[] read(JsonCursor json) throws JsonException, KbsProtocolException {
        JsonCursor.Members members = json.object();
        members.allowOnly(
                "version",
                "guest_svn",
                "policy",
                "family_id",
                "image_id",
                "vmpl",
                "sig_algo",
                "current_tcb",
                "plat_info",
                "key_info",
                "report_data",
                "measurement",
                "host_data",
                "id_key_digest",
                "author_key_digest",
                "report_id",
                "report_id_ma",
                "reported_tcb",
                "cpuid_fam_id",
                "cpuid_mod_id",
                "cpuid_step",
                "chip_id",
                "committed_tcb",
                "current",
                "committed",
                "launch_tcb",
                "launch_mit_vector",
                "current_mit_vector",
                "signature");
        ReportWriter report = new ReportWriter(members);
        long version = report.u32("version", SnpReport.VERSION);
        SnpReport.checkVersion(version);
        report.u32("guest_svn", SnpReport.GUEST_SVN);
        report.u64(members.required("policy"), SnpReport.POLICY);
        report.octets("family_id", SnpReport.FAMILY_ID, SnpReport.IMAGE_ID);
        report.octets("image_id", SnpReport.IMAGE_ID, SnpReport.VMPL);
        report.u32("vmpl", SnpReport.VMPL);
        report.u32("sig_algo", SnpReport.SIGNATURE_ALGORITHM);
        report.u64(members.required("plat_info"), SnpReport.PLATFORM_INFO);
        report.u32("key_info", SnpReport.KEY_INFO);
        report.octets("report_data", SnpReport.REPORT_DATA, SnpReport.MEASUREMENT);
        report.octets("measurement", SnpReport.MEASUREMENT, SnpReport.HOST_DATA);
        report.octets("host_data", SnpReport.HOST_DATA, SnpReport.ID_KEY_DIGEST);
        report.octets("id_key_digest", SnpReport.ID_KEY_DIGEST, SnpReport.AUTHOR_KEY_DIGEST);
        report.octets("author_key_digest", SnpReport.AUTHOR_KEY_DIGEST, SnpReport.REPORT_ID);
        report.octets("report_id", SnpReport.REPORT_ID, SnpReport.REPORT_ID_MA);
        report.octets("report_id_ma", SnpReport.REPORT_ID_MA, SnpReport.REPORTED_TCB);
        report.octets("chip_id", SnpReport.CHIP_ID, SnpReport.COMMITTED_TCB);
        report.copy(SnpFirmwareVersion.parse(members.required("current")).toBytes(), SnpReport.CURRENT_VERSION);
        report.copy(SnpFirmwareVersion.parse(members.required("committed")).toBytes(), SnpReport.COMMITTED_VERSION);
        Optional<SnpProduct> product = report.processor(version >= SnpReport.MIN_VERSION_WITH_PROCESSOR);
        report.tcbs(product);
        report.mitigations(version >= SnpReport.MIN_VERSION_WITH_MITIGATIONS);
        JsonCursor.Members signature = members.required("signature").object();
        signature.allowOnly("r", "s");
        report.copy(JsonBytes.read(signature.required("r"), SnpReport.SIGNATURE_PART_SIZE), SnpReport.SIGNATURE_R);
        report.copy(JsonBytes.read(signature.required("s"), SnpReport.SIGNATURE_PART_SIZE), SnpReport.SIGNATURE_S);
        return report.bytes;
    }

    /** Puts members into the bytes of a report. */
    private static final class ReportWriter {
        private final JsonCursor.Members members;
        private final byte[] bytes = new byte[SnpReport.SIZE];
        private final ByteBuffer fields = SnpReport.littleEndian(bytes);

        ReportWriter(JsonCursor.Members members) {
            this.members = members;
        }

        long u32(String name, int offset) throws JsonException {
            long value = members.required(name).integer(0, MAX_U32);
            fields.putInt(offset, (int) value);
            return value;
        }

        void u64(JsonCursor json, int offset) throws JsonException {
            if (!(json.value() instanceof JsonNumber number) || !number.isInteger()) {
                throw json.refuse("expected an integer");
            }
            try {
                fields.putLong(offset, Long.parseUnsignedLong(number.literal()));
            } catch (NumberFormatException e) {
                throw json.refuse("got " + number.literal() + ", expected an integer of 64 bits");
            }
        }

        void octets(String name, int from, int to) throws JsonException {
            copy(JsonBytes.read(members.required(name), to - from), from);
        }

        void copy(byte[] value, int offset) {
            fields.put(offset, value);
        }

        Optional<SnpProduct> processor(boolean named) throws JsonException, KbsProtocolException {
            OptionalInt family = processorByte("cpuid_fam_id", SnpReport.CPU_FAMILY, named);
            OptionalInt model = processorByte("cpuid_mod_id", SnpReport.CPU_MODEL, named);
            processorByte("cpuid_step", SnpReport.CPU_STEPPING, named);
            return family.isPresent() && model.isPresent()
                    ? Optional.of(SnpReport.productOf(family.getAsInt(), model.getAsInt()))
                    : Optional.empty();
        }

        private OptionalInt processorByte(String name, int offset, boolean named) throws JsonException {
            if (!named) {
                refusePresent(name);
                return OptionalInt.empty();
            }
            int value = (int) members.required(name).integer(0, MAX_U8);
            bytes[offset] = (byte) value;
            return OptionalInt.of(value);
        }

        /** Needs the chip's identifier in its place. */
        void tcbs(Optional<SnpProduct> product) throws JsonException {
            boolean hasFmc = SnpReport.hasFmc(bytes, product);
            tcb("current_tcb", SnpReport.CURRENT_TCB, hasFmc);
            tcb("reported_tcb", SnpReport.REPORTED_TCB, hasFmc);
            tcb("committed_tcb", SnpReport.COMMITTED_TCB, hasFmc);
            tcb("launch_tcb", SnpReport.LAUNCH_TCB, hasFmc);
        }

        private void tcb(String name, int offset, boolean hasFmc) throws JsonException {
            copy(SnpTcb.parse(members.required(name), hasFmc).toBytes(), offset);
        }

        void mitigations(boolean named) throws JsonException {
            mitigations("launch_mit_vector", SnpReport.LAUNCH_MITIGATIONS, named);
            mitigations("current_mit_vector", SnpReport.CURRENT_MITIGATIONS, named);
        }

        private void mitigations(String name, int offset, boolean named) throws JsonException {
            if (!named) {
                refusePresent(name);
                return;
            }
            Optional<JsonCursor> value = members.present(name);
            if (value.isPresent()) {
                u64(value.get(), offset);
            }
        }

        private void refusePresent(String name) throws JsonException {
            Optional<JsonCursor> value = members.present(name);
            if (value.isPresent()) {
                throw value.get().refuse("a report of this version has none");
            }
        }
    }
}
