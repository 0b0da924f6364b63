package dev.bulla.linux;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The bytes of a path as the kernel knows it.
 *
 * <p>A Linux file name is bytes; {@link Path} keeps them, but shows them only decoded by the process's locale, in which a
 * name need not be text at all (and in the locale {@code C} nothing beyond ASCII is). This goes by the path's URI, whose
 * escapes are the bytes.
 */
public final class PathBytes {
    private PathBytes() {}

    /** The whole path's bytes; a relative path is made absolute unless it is plain ASCII. */
    public static byte[] of(Path path) {
        String text = path.toString();
        if (isAscii(text)) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
        String raw = path.toAbsolutePath().toUri().getRawPath();
        ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length());
        // A folder's URI ends in a slash that the path has not.
        int end = raw.length() > 1 && raw.endsWith("/") ? raw.length() - 1 : raw.length();
        for (int i = 0; i < end; i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                out.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
                i += 2;
            } else {
                out.write(c);
            }
        }
        return out.toByteArray();
    }

    /** The bytes of the path's last name. */
    public static byte[] nameOf(Path path) {
        byte[] all = of(path);
        int start = all.length;
        while (start > 0 && all[start - 1] != '/') {
            start--;
        }
        byte[] name = new byte[all.length - start];
        System.arraycopy(all, start, name, 0, name.length);
        return name;
    }

    /**
     * The path of the entry with this name in {@code folder}.
     *
     * @throws IllegalArgumentException when the bytes are not one name: empty, {@code .}, {@code ..}, with a slash or NUL
     */
    public static Path resolve(Path folder, byte[] name) {
        String latin = new String(name, StandardCharsets.ISO_8859_1);
        if (latin.isEmpty()
                || latin.equals(".")
                || latin.equals("..")
                || latin.indexOf('/') >= 0
                || latin.indexOf(0) >= 0) {
            throw new IllegalArgumentException("not a file name: " + LinuxException.printable(latin));
        }
        if (isAscii(latin)) {
            return folder.resolve(latin);
        }
        byte[] parent = of(folder.toAbsolutePath());
        StringBuilder uri = new StringBuilder("file://");
        escape(uri, parent);
        uri.append('/');
        escape(uri, name);
        return Path.of(URI.create(uri.toString()));
    }

    private static void escape(StringBuilder out, byte[] bytes) {
        for (byte b : bytes) {
            if (b == '/' || (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z')) {
                out.append((char) b);
            } else {
                out.append(String.format(Locale.ROOT, "%%%02X", b & 0xff));
            }
        }
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
