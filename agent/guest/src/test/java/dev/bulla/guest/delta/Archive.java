package dev.bulla.guest.delta;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.LayerMerge;
import dev.bulla.guest.layer.LayerUnpacker;
import dev.bulla.guest.layer.TarPart;
import dev.bulla.guest.layer.TarParts;
import dev.bulla.guest.layer.TarPiece;
import dev.bulla.guest.layer.TarPieces;
import dev.bulla.guest.layer.UnpackedLayer;
import dev.bulla.oci.Digest;
import dev.bulla.oci.LayerMediaType.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** A tar archive of a test, cut into parts as a pull would cut it: files of more than 64 bytes are objects. */
public final class Archive {
    private final byte[] tar;
    private final List<TarPart> parts = new ArrayList<>();
    private final Map<VerityDigest, byte[]> objects = new HashMap<>();

    /** Cuts an archive that the strict reader takes. */
    public Archive(byte[] tar) throws IOException {
        this.tar = tar.clone();
        TarPieces pieces = new TarPieces(parts(List.of(new TarPart.Bytes(tar))), LayerLimits.DEFAULTS);
        for (TarPiece piece = pieces.next(); piece != null; piece = pieces.next()) {
            parts.add(new TarPart.Bytes(piece.extension()));
            parts.add(new TarPart.Bytes(piece.header()));
            byte[] body = bytes(piece.body());
            if (body.length > LayerUnpacker.INLINE_BYTES) {
                VerityDigest digest = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, body);
                objects.put(digest, body);
                parts.add(new TarPart.Body(digest, body.length));
            } else {
                parts.add(new TarPart.Bytes(body));
            }
            parts.add(new TarPart.Bytes(piece.padding()));
        }
        parts.add(new TarPart.Bytes(pieces.tail()));
        parts.add(new TarPart.Bytes(new byte[Math.toIntExact(pieces.zeros())]));
    }

    /** Its parts. */
    public List<TarPart> parts() {
        return List.copyOf(parts);
    }

    /** A list of parts, one after the other. */
    static TarParts parts(List<TarPart> list) {
        Iterator<TarPart> parts = list.iterator();
        return () -> parts.hasNext() ? parts.next() : null;
    }

    private static byte[] bytes(List<TarPart> body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        body.forEach(part -> bytes.writeBytes(((TarPart.Bytes) part).bytes()));
        return bytes.toByteArray();
    }

    /** What a pull makes of it. */
    public Directory tree(ObjectStore store, Staging staging) throws IOException {
        LayerUnpacker unpacker = new LayerUnpacker(store, staging.folder(), LayerLimits.DEFAULTS);
        try (UnpackedLayer layer =
                unpacker.unpack(new ByteArrayInputStream(tar), Compression.NONE, Digest.Algorithm.SHA256.of(tar))) {
            return LayerMerge.merge(List.of(layer.tree()), LayerLimits.DEFAULTS);
        }
    }

    /** Its delta. */
    List<TarPart> delta(Directory tree) throws IOException {
        List<TarPart> delta = new ArrayList<>();
        DeltaWriter.write(parts(parts), tree, LayerLimits.DEFAULTS, new DeltaSink() {
            @Override
            public void bytes(byte[] bytes) {
                delta.add(new TarPart.Bytes(bytes));
            }

            @Override
            public void object(VerityDigest digest, long size) {
                delta.add(new TarPart.Body(digest, size));
            }
        });
        return delta;
    }

    /** The archive that a delta makes with a tree, objects of this one filled in. */
    byte[] rebuilt(List<TarPart> delta, Directory tree) throws IOException {
        DeltaParts rebuilt = new DeltaParts(parts(delta), tree, LayerLimits.DEFAULTS);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (TarPart part = rebuilt.next(); part != null; part = rebuilt.next()) {
            switch (part) {
                case TarPart.Bytes own -> bytes.writeBytes(own.bytes());
                case TarPart.Body body -> bytes.writeBytes(requireNonNull(objects.get(body.digest())));
            }
        }
        return bytes.toByteArray();
    }

    /** How many bytes and objects a delta has. */
    static long size(List<TarPart> delta) {
        return delta.stream()
                .mapToLong(part -> part instanceof TarPart.Body ? 32 : part.size())
                .sum();
    }
}
