package dev.bulla.attestation.protocol.snp;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The versions of what a platform's trust rests on (56860, TCB_VERSION), each from 0 to 255.
 *
 * <p>The eight bytes are laid out in two ways, with bytes that must be zero: until Genoa, boot loader, TEE, four reserved, SNP,
 * microcode; since Turin, FMC, boot loader, TEE, SNP, three reserved, microcode.
 *
 * @param fmc the FMC firmware's, where the layout has it
 * @param bootloader the security processor's boot loader's
 * @param tee the security processor's operating system's
 * @param snp the SNP firmware's
 * @param microcode the lowest patch level of all cores
 */
public record SnpTcb(OptionalInt fmc, int bootloader, int tee, int snp, int microcode) {
    /** The size in bytes. */
    static final int SIZE = 8;

    private static final int OLD_RESERVED_AT = 2;
    private static final int OLD_RESERVED_SIZE = 4;
    private static final int NEW_RESERVED_AT = 4;
    private static final int NEW_RESERVED_SIZE = 3;

    public SnpTcb {
        fmc.ifPresent(SnpTcb::checkByte);
        checkByte(bootloader);
        checkByte(tee);
        checkByte(snp);
        checkByte(microcode);
    }

    private static void checkByte(int value) {
        if (value < 0 || value > 0xFF) {
            throw new IllegalArgumentException("version " + value + ", expected 0 to 255");
        }
    }

    /** Reads the eight bytes at an offset. */
    static SnpTcb parse(byte[] bytes, int offset, boolean hasFmc, String name) throws KbsProtocolException {
        int reservedAt = hasFmc ? NEW_RESERVED_AT : OLD_RESERVED_AT;
        int reservedSize = hasFmc ? NEW_RESERVED_SIZE : OLD_RESERVED_SIZE;
        SnpReport.checkZero(bytes, offset + reservedAt, offset + reservedAt + reservedSize, name);
        int[] at = new int[SIZE];
        Arrays.setAll(at, i -> Byte.toUnsignedInt(bytes[offset + i]));
        return hasFmc
                ? new SnpTcb(OptionalInt.of(at[0]), at[1], at[2], at[3], at[7])
                : new SnpTcb(OptionalInt.empty(), at[0], at[1], at[6], at[7]);
    }

    /** The eight bytes, in the layout with FMC where there is one. */
    byte[] toBytes() {
        return fmc.isPresent()
                ? new byte[] {
                    (byte) fmc.getAsInt(), (byte) bootloader, (byte) tee, (byte) snp, 0, 0, 0, (byte) microcode
                }
                : new byte[] {(byte) bootloader, (byte) tee, 0, 0, 0, 0, (byte) snp, (byte) microcode};
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("fmc", fmc.isPresent() ? JsonNumber.of(fmc.getAsInt()) : JsonNull.NULL)
                .put("bootloader", bootloader)
                .put("tee", tee)
                .put("snp", snp)
                .put("microcode", microcode)
                .build();
    }

    /** Reads the JSON form; a product's layout either has FMC or has not. */
    static SnpTcb parse(JsonCursor json, boolean hasFmc) throws JsonException {
        JsonCursor.Members members = json.object();
        members.allowOnly("fmc", "bootloader", "tee", "snp", "microcode");
        Optional<JsonCursor> fmc = members.present("fmc");
        if (fmc.isPresent() != hasFmc) {
            throw json.refuse("\"fmc\" is " + (hasFmc ? "missing" : "there") + ", expected "
                    + (hasFmc ? "one for Turin" : "none before Turin"));
        }
        return new SnpTcb(
                fmc.isPresent() ? OptionalInt.of(octet(fmc.get())) : OptionalInt.empty(),
                octet(members.required("bootloader")),
                octet(members.required("tee")),
                octet(members.required("snp")),
                octet(members.required("microcode")));
    }

    private static int octet(JsonCursor json) throws JsonException {
        return (int) json.integer(0, 0xFF);
    }
}
