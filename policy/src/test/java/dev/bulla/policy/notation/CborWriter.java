package dev.bulla.policy.notation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes CBOR, for tests: values of the reader's, each in its shortest form. */
final class CborWriter {
    private CborWriter() {}

    static byte[] write(CborValue value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, value);
        return out.toByteArray();
    }

    static CborValue.Text text(String text) {
        return new CborValue.Text(text);
    }

    static CborValue.Array array(List<? extends CborValue> items) {
        return new CborValue.Array(List.copyOf(items));
    }

    private static void write(ByteArrayOutputStream out, CborValue value) {
        switch (value) {
            case CborValue.Int number -> {
                if (number.value() >= 0) {
                    head(out, 0, number.value());
                } else {
                    head(out, 1, -1 - number.value());
                }
            }
            case CborValue.Bytes bytes -> {
                head(out, 2, bytes.bytes().length);
                out.writeBytes(bytes.bytes());
            }
            case CborValue.Text text -> {
                byte[] utf8 = text.text().getBytes(StandardCharsets.UTF_8);
                head(out, 3, utf8.length);
                out.writeBytes(utf8);
            }
            case CborValue.Array array -> {
                head(out, 4, array.items().size());
                array.items().forEach(item -> write(out, item));
            }
            case CborValue.MapValue map -> {
                head(out, 5, map.entries().size());
                for (Map.Entry<CborValue, CborValue> entry : map.entries().entrySet()) {
                    write(out, entry.getKey());
                    write(out, entry.getValue());
                }
            }
            case CborValue.Tagged tagged -> {
                head(out, 6, tagged.tag());
                write(out, tagged.content());
            }
            case CborValue.Simple simple ->
                out.write(
                        switch (simple) {
                            case FALSE -> 0xf4;
                            case TRUE -> 0xf5;
                            case NULL -> 0xf6;
                        });
        }
    }

    static void head(ByteArrayOutputStream out, int major, long argument) {
        int type = major << 5;
        if (argument < 24) {
            out.write(type | (int) argument);
        } else if (argument < 0x100) {
            out.write(type | 24);
            out.write((int) argument);
        } else if (argument < 0x10000) {
            out.write(type | 25);
            out.writeBytes(ByteBuffer.allocate(2).putShort((short) argument).array());
        } else if (argument < 0x100000000L) {
            out.write(type | 26);
            out.writeBytes(ByteBuffer.allocate(4).putInt((int) argument).array());
        } else {
            out.write(type | 27);
            out.writeBytes(ByteBuffer.allocate(8).putLong(argument).array());
        }
    }
}
