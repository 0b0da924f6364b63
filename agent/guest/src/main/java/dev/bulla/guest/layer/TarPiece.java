package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import java.util.List;

/**
 * An entry of a tar archive with all bytes that it takes there: {@code extension}, {@code header}, {@code body} and
 * {@code padding} one after the other are the archive.
 *
 * @param path where it stands, normalized: no leading slash, no {@code .}; empty for the root
 * @param name its name as the archive spells it
 * @param extension the headers before its own, PAX and GNU ones with their bodies, most often none
 * @param header its own header, 512 bytes
 * @param body its content
 * @param padding what fills the last block of the body up; shorter than that only where the archive ends
 */
@SuppressWarnings("ArrayRecordComponent") // nobody changes them, and nobody compares pieces
public record TarPiece(
        ByteString path, ByteString name, byte[] extension, byte[] header, List<TarPart> body, byte[] padding) {
    public TarPiece {
        body = List.copyOf(body);
    }
}
