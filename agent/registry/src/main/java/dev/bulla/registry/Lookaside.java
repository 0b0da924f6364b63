package dev.bulla.registry;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Quoted;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import okhttp3.Dns;

/**
 * The stores beside registries that {@link LookasideConfiguration} names, over file, http and https.
 *
 * <p><b>Security.</b> What they give is not verified; it is bounded. No credentials are sent, whoever asks for them. Redirects
 * are followed as those of a registry are, with the store's own host as their home; what is plain HTTP is so because the
 * configuration names it so. A file is read only if it is a regular one whose real path lies in the store.
 */
public final class Lookaside implements Closeable {
    private final LookasideConfiguration configuration;
    private final HttpConnector http;
    private final Redirection redirection;
    private final Pace pace;

    Lookaside(LookasideConfiguration configuration, RegistryOptions options, Pace pace, Dns dns)
            throws UnreachableException {
        this.configuration = requireNonNull(configuration, "configuration is null");
        this.pace = pace;
        this.http = new HttpConnector(options, pace, dns);
        this.redirection = new Redirection(http);
    }

    /**
     * Opens the stores; nothing is asked yet.
     *
     * @param configuration where they are
     * @param options how they are spoken to; credentials are not used
     */
    public static Lookaside open(LookasideConfiguration configuration, RegistryOptions options)
            throws RegistryException {
        return new Lookaside(configuration, options, Pace.of(options.clock()), Dns.SYSTEM);
    }

    /**
     * Reads a signature.
     *
     * @param image the image's name, by which its store is found; its tag and digest matter for nothing else
     * @param signed the digest of the manifest that is signed
     * @param number which signature, from 1; the first that is absent ends them
     * @param limit the most bytes that are taken
     * @return its bytes, not verified; empty where it is absent, or no store is configured
     * @throws RegistryException when it cannot be known whether it is there; any status but 200 and 404 is such a case
     */
    public Optional<byte[]> signature(ImageReference image, Digest signed, int number, int limit)
            throws RegistryException {
        if (number < 1) {
            throw new IllegalArgumentException("signatures are counted from 1: " + number);
        }
        Optional<LookasideUrl> store = configuration.lookaside(image);
        if (store.isEmpty()) {
            return Optional.empty();
        }
        String what = image.name() + ": signature " + number + " on " + signed;
        return switch (store.get()) {
            case LookasideFolder folder -> read(folder.path(), folder.signature(image, signed, number), limit, what);
            case LookasideServer server -> get(server, image, signed, number, limit, what);
        };
    }

    private Optional<byte[]> get(
            LookasideServer server, ImageReference image, Digest signed, int number, int limit, String what)
            throws RegistryException {
        try (Answer answer = pace.retry(() -> redirection.follow(
                server.signature(image, signed, number), server.url(), Map.of(), Optional.empty(), what))) {
            if (answer.status() == 404) {
                return Optional.empty();
            }
            if (answer.status() != 200) {
                throw answer.failure(what);
            }
            return Optional.of(answer.read(limit).orElseThrow(() -> tooLong(what, limit)));
        }
    }

    private static Optional<byte[]> read(Path store, Path file, int limit, String what) throws RegistryException {
        try {
            Path real = file.toRealPath();
            if (!real.startsWith(store.toRealPath())) {
                throw new ContentMismatchException(what, "a link out of " + Quoted.text(store.toString()), "a file");
            }
            if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
                throw new ContentMismatchException(what, "no regular file", "one");
            }
            try (InputStream in = Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS)) {
                byte[] bytes = in.readNBytes(limit);
                if (in.read() >= 0) {
                    throw tooLong(what, limit);
                }
                return Optional.of(bytes);
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw new UnreachableException(what + ": " + Quoted.text(String.valueOf(e.getMessage())), e);
        }
    }

    private static ContentMismatchException tooLong(String what, int limit) {
        return new ContentMismatchException(what, "more", "at most " + limit + " bytes");
    }

    @Override
    public void close() {
        http.close();
    }
}
