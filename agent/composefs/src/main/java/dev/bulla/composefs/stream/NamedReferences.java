package dev.bulla.composefs.stream;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.oci.Quoted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The names a stream gives to other streams: {@code index:name} and a NUL each, sorted by name, compressed; the index is one
 * of the stream's list of digests.
 */
final class NamedReferences {
    private static final int MAX_INDEX_DIGITS = 9;

    private NamedReferences() {}

    /** Text of names, compressed. */
    static byte[] encode(SortedMap<String, Integer> indices) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdOutputStreamNoFinalizer zstd = new ZstdOutputStreamNoFinalizer(out)) {
            for (Map.Entry<String, Integer> entry : indices.entrySet()) {
                zstd.write((entry.getValue() + ":" + entry.getKey() + "\0").getBytes(StandardCharsets.UTF_8));
            }
        }
        return out.toByteArray();
    }

    static SortedMap<String, VerityDigest> read(
            ByteSource source, FileRange range, List<VerityDigest> digests, int limit) throws IOException {
        byte[] text = decompress(source, range, limit);
        SortedMap<String, VerityDigest> named = new TreeMap<>();
        int start = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == 0) {
                add(named, text(text, start, i), digests);
                start = i + 1;
            }
        }
        if (start != text.length) {
            throw new SplitStreamException("names: " + (text.length - start) + " bytes after the last NUL");
        }
        return named;
    }

    private static void add(SortedMap<String, VerityDigest> named, String item, List<VerityDigest> digests)
            throws SplitStreamException {
        int colon = item.indexOf(':');
        if (colon < 1
                || colon > MAX_INDEX_DIGITS
                || !item.substring(0, colon).chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new SplitStreamException("names: got " + Quoted.text(item) + ", expected an index, \":\" and a name");
        }
        int index = Integer.parseInt(item.substring(0, colon));
        if (index >= digests.size()) {
            throw new SplitStreamException(
                    "names: " + Quoted.text(item) + " beyond the " + digests.size() + " stream references");
        }
        String name = item.substring(colon + 1);
        if (named.putIfAbsent(name, digests.get(index)) != null) {
            throw new SplitStreamException("names: " + Quoted.text(name) + " stands twice");
        }
    }

    private static String text(byte[] bytes, int start, int end) throws SplitStreamException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, start, end - start))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new SplitStreamException("names: not UTF-8", e);
        }
    }

    private static byte[] decompress(ByteSource source, FileRange range, int limit) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try (ZstdSection zstd = new ZstdSection(source, range, "names")) {
            for (int got = zstd.read(buffer, 0, buffer.length); got >= 0; got = zstd.read(buffer, 0, buffer.length)) {
                if (out.size() + (long) got > limit) {
                    throw new SplitStreamException("names: more than " + limit + " bytes");
                }
                out.write(buffer, 0, got);
            }
        }
        return out.toByteArray();
    }
}
