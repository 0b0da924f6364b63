package dev.bulla.attestation.protocol.snp;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;

/**
 * A version of the SNP firmware; in a report its three bytes are build, minor, major.
 *
 * @param major from 0 to 255
 * @param minor from 0 to 255
 * @param build from 0 to 255
 */
public record SnpFirmwareVersion(int major, int minor, int build) {

    static SnpFirmwareVersion parse(byte[] bytes, int offset) {
        return new SnpFirmwareVersion(
                Byte.toUnsignedInt(bytes[offset + 2]),
                Byte.toUnsignedInt(bytes[offset + 1]),
                Byte.toUnsignedInt(bytes[offset]));
    }

    byte[] toBytes() {
        return new byte[] {(byte) build, (byte) minor, (byte) major};
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("major", major)
                .put("minor", minor)
                .put("build", build)
                .build();
    }

    static SnpFirmwareVersion parse(JsonCursor json) throws JsonException {
        JsonCursor.Members members = json.object();
        members.allowOnly("major", "minor", "build");
        return new SnpFirmwareVersion(
                (int) members.required("major").integer(0, 0xFF),
                (int) members.required("minor").integer(0, 0xFF),
                (int) members.required("build").integer(0, 0xFF));
    }
}
