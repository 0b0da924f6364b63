package dev.bulla.kbs.evidence.tdx;

import dev.bulla.attestation.protocol.eventlog.EventLogException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Device paths as text, after the UEFI specification, "Text Device Node Reference", in the variant that Trustee's claims have.
 *
 * <p>A node: type (1), subtype (1), length of the node (2), data. Nodes that have no text are {@code Path(TYPE,SUBTYPE,HEX)}.
 */
final class DevicePaths {
    /** How long the node is that ends a path; it has no text. */
    static final int END_SIZE = 4;

    private static final int HEADER_SIZE = 4;

    private DevicePaths() {}

    /** The text of each node of a path, without its end. */
    static List<String> text(byte[] path) throws EventLogException {
        ByteBuffer in = ByteBuffer.wrap(path).order(ByteOrder.LITTLE_ENDIAN);
        List<String> nodes = new ArrayList<>();
        do {
            if (in.remaining() < HEADER_SIZE) {
                throw new EventLogException("device path too short");
            }
            int type = Byte.toUnsignedInt(in.get());
            int subtype = Byte.toUnsignedInt(in.get());
            int length = Short.toUnsignedInt(in.getShort()) - HEADER_SIZE;
            if (length < 0 || length > in.remaining()) {
                throw new EventLogException("device path node of a wrong length");
            }
            byte[] data = new byte[length];
            in.get(data);
            nodes.add(node(type, subtype, data)
                    .orElseGet(() -> "Path(" + type + "," + subtype + ","
                            + HexFormat.of().formatHex(data) + ")"));
        } while (in.hasRemaining());
        return nodes;
    }

    private static Optional<String> node(int type, int subtype, byte[] data) {
        ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        try {
            return switch ((type << 8) | subtype) {
                case 0x0101 -> Optional.of("Pci(" + u8(in) + "," + u8(in) + ")");
                case 0x0201 -> Optional.of(acpi(in));
                case 0x0305 -> Optional.of("USB(" + u8(in) + "," + u8(in) + ")");
                case 0x030b -> mac(data);
                case 0x030c -> Optional.of(ipv4(in));
                case 0x0315 -> Optional.of("FibreEx(0x" + hex(take(in, 8)) + ",0x" + hex(take(in, 8)) + ")");
                case 0x0401 -> hardDrive(in);
                case 0x0403 -> Optional.of("VenMedia(" + guid(in) + "," + hex(take(in, in.remaining())) + ")");
                case 0x0404 -> filePath(data);
                case 0x0501 -> Optional.of(biosBoot(in));
                default -> Optional.empty();
            };
        } catch (BufferUnderflowException | CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static String acpi(ByteBuffer in) {
        int hid = in.getInt();
        long uid = Integer.toUnsignedLong(in.getInt());
        StringBuilder id = new StringBuilder();
        for (int shift = 10; shift >= 0; shift -= 5) {
            id.append((char) ('@' + ((hid >> shift) & 0x1f)));
        }
        return String.format(Locale.ROOT, "ACPI(%s%04X,%d)", id, hid >>> 16, uid);
    }

    private static Optional<String> mac(byte[] data) {
        if (data.length != 33) {
            return Optional.empty();
        }
        String address = hex(Arrays.copyOf(data, 31)).replaceFirst("0+$", "").toUpperCase(Locale.ROOT);
        return Optional.of(String.format(Locale.ROOT, "Mac(%s,0x%02x)", address, data[32]));
    }

    private static String ipv4(ByteBuffer in) {
        String local = address(in.getInt());
        String remote = address(in.getInt());
        in.getInt(); // the ports
        String protocol = switch (Short.toUnsignedInt(in.getShort())) {
            case 6 -> "TCP";
            case 17 -> "UDP";
            default -> "";
        };
        String origin = switch (in.get()) {
            case 0 -> "DHCP";
            case 1 -> "Static";
            default -> "";
        };
        long gateway = Integer.toUnsignedLong(in.getInt());
        long mask = Integer.toUnsignedLong(in.getInt());
        String more = gateway == 0 && mask == 0 ? "" : "," + gateway + "," + mask;
        return "IPv4(" + remote + "," + protocol + "," + origin + "," + local + more + ")";
    }

    private static String address(int bits) {
        return (bits >>> 24) + "." + ((bits >> 16) & 0xff) + "." + ((bits >> 8) & 0xff) + "." + (bits & 0xff);
    }

    private static Optional<String> hardDrive(ByteBuffer in) {
        long number = Integer.toUnsignedLong(in.getInt());
        long start = in.getLong();
        long size = in.getLong();
        ByteBuffer signature = ByteBuffer.wrap(take(in, 16)).order(ByteOrder.LITTLE_ENDIAN);
        int format = u8(in);
        in.get(); // the signature's type, which the format implies
        String partition;
        switch (format) {
            case 1 -> partition = String.format(Locale.ROOT, "MBR,0x%08x", signature.getInt());
            case 2 -> partition = "GPT," + guid(signature);
            default -> {
                return Optional.empty();
            }
        }
        String where = number == 0 ? "" : String.format(Locale.ROOT, ",0x%x,0x%x", start, size);
        return Optional.of("HD(" + number + "," + partition + where + ")");
    }

    private static Optional<String> filePath(byte[] data) {
        if (data.length == 0 || data.length % 2 != 0) {
            return Optional.empty();
        }
        return Optional.of("File(" + new String(data, 0, data.length - 2, StandardCharsets.UTF_16LE) + ")");
    }

    private static String biosBoot(ByteBuffer in) throws CharacterCodingException {
        int device = Short.toUnsignedInt(in.getShort());
        String kind = switch (device) {
            case 0x01 -> "FLOPPY";
            case 0x02 -> "HARD_DRIVE";
            case 0x03 -> "CDROM";
            case 0x04 -> "PCMCIA";
            case 0x05 -> "USB";
            case 0x06 -> "EMBEDDED_NETWORK";
            case 0x80 -> "DEV";
            case 0xff -> "UNKNOWN";
            default -> Integer.toString(device);
        };
        int status = Short.toUnsignedInt(in.getShort());
        byte[] text = take(in, in.remaining());
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        String description = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(text, 0, end))
                .toString();
        return "BBS(" + kind + "," + description + "," + status + ")";
    }

    /** A GUID in UEFI's order: three little-endian numbers, then bytes. */
    private static String guid(ByteBuffer in) {
        String first = String.format(Locale.ROOT, "%08X-%04X-%04X", in.getInt(), in.getShort(), in.getShort());
        String last = hex(take(in, 8)).toUpperCase(Locale.ROOT);
        return first + "-" + last.substring(0, 4) + "-" + last.substring(4);
    }

    private static int u8(ByteBuffer in) {
        return Byte.toUnsignedInt(in.get());
    }

    private static byte[] take(ByteBuffer in, int count) {
        byte[] taken = new byte[count];
        in.get(taken);
        return taken;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
