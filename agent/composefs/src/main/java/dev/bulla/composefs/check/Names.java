package dev.bulla.composefs.check;

import dev.bulla.linux.PathBytes;
import dev.bulla.oci.Quoted;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.StringJoiner;

/** Paths of a store as text, whatever bytes they are and whatever the process's locale is. */
public final class Names {
    private Names() {}

    /** A relative path as text: UTF-8, or byte by byte where a name is none. */
    public static String text(Path path) {
        StringJoiner text = new StringJoiner("/", path.isAbsolute() ? "/" : "", "");
        for (Path name : path) {
            byte[] bytes = PathBytes.nameOf(name);
            try {
                text.add(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)));
            } catch (CharacterCodingException e) {
                text.add(new String(bytes, StandardCharsets.ISO_8859_1));
            }
        }
        return text.toString();
    }

    /** The same in quotes, without anything that could break a line. */
    static String quoted(Path path) {
        return Quoted.text(text(path));
    }
}
