package dev.bulla.kbs.evidence.tdx;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The forms of values in Intel's collateral. */
final class CollateralJson {
    private CollateralJson() {}

    /** Bytes in hexadecimal, of either case. */
    static byte[] hex(JsonCursor cursor, int size) throws JsonException {
        String text = cursor.string();
        try {
            byte[] bytes = HexFormat.of().parseHex(text);
            if (bytes.length == size) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw cursor.refuse("expected " + size + " bytes in hexadecimal");
    }

    /** A time, such as {@code 2025-10-27T13:07:17Z}. */
    static Instant time(JsonCursor cursor) throws JsonException {
        try {
            return Instant.parse(cursor.string());
        } catch (DateTimeException e) {
            throw cursor.refuse("expected a time of the form 2025-10-27T13:07:17Z");
        }
    }

    /** The advisories of a level, where it names any. */
    static List<String> advisories(JsonCursor.Members level) throws JsonException {
        var ids = level.present("advisoryIDs");
        return ids.isPresent() ? ids.get().strings() : List.of();
    }

    /** Whether {@code value}, under the mask, is what is expected. */
    static boolean matches(byte[] value, byte[] mask, byte[] expected) {
        byte[] masked = new byte[value.length];
        byte[] wanted = new byte[expected.length];
        for (int i = 0; i < masked.length; i++) {
            masked[i] = (byte) (value[i] & mask[i]);
            wanted[i] = (byte) (expected[i] & mask[i]);
        }
        return Arrays.equals(masked, wanted);
    }
}
