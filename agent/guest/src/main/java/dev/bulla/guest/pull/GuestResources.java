package dev.bulla.guest.pull;

import dev.bulla.attestation.client.KbsResourceSource;
import dev.bulla.attestation.client.OfflineFsKbc;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceException.Reason;
import dev.bulla.oci.ResourceSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A tenant's resources as the guest reaches them: {@code kbs:///…} from the KBS, or from files in its place, and {@code
 * file:///…} from the guest's own file system.
 *
 * <p><b>Security.</b> Attestation proves the guest to the KBS, never the KBS to the guest. So what decides about trust
 * (policies, signature keys, credentials) is taken from a KBS only when its TLS roots were pinned; {@link #trusted} is
 * that view. {@link #keys} is the other: a false KBS has no key to the tenant's layers. It has one to its own, so what its
 * keys open is no more than what anybody can have encrypted; {@link #kbsPinned} tells policy. Files in the place of a KBS
 * decide about trust as other files do, and their keys count as those of a KBS that is not pinned: whoever reads the guest's
 * image has them.
 */
public final class GuestResources {
    private final Optional<KbsResourceSource> kbs;
    private final Optional<OfflineFsKbc> offline;

    public GuestResources(Optional<KbsResourceSource> kbs) {
        this(kbs, Optional.empty());
    }

    private GuestResources(Optional<KbsResourceSource> kbs, Optional<OfflineFsKbc> offline) {
        this.kbs = kbs;
        this.offline = offline;
    }

    /** With files in the place of a KBS. */
    public static GuestResources offline(OfflineFsKbc files) {
        return new GuestResources(Optional.empty(), Optional.of(files));
    }

    /** For what decides about trust. */
    public ResourceSource trusted() {
        return (uri, limit) -> fetch(uri, limit, true);
    }

    /** For keys of layers. */
    public ResourceSource keys() {
        return (uri, limit) -> fetch(uri, limit, false);
    }

    /** Whether there is a KBS and its TLS roots are pinned. */
    public boolean kbsPinned() {
        return kbs.filter(source -> source.channel().pinned()).isPresent();
    }

    private byte[] fetch(URI uri, int limit, boolean pinnedOnly) throws ResourceException {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme();
        if (scheme.equals("kbs") || scheme.startsWith("kbs+")) {
            if (offline.isPresent()) {
                return offline.get().fetch(uri, limit);
            }
            KbsResourceSource source = kbs.orElseThrow(
                    () -> new ResourceException(uri, Reason.REFUSED, "no KBS is named; name one by --kbs URL"));
            if (pinnedOnly && !source.channel().pinned()) {
                throw new ResourceException(
                        uri,
                        Reason.REFUSED,
                        "policies, signature keys and credentials are taken only from a KBS over TLS whose roots are"
                                + " pinned; name them by --kbs-cert FILE");
            }
            return source.fetch(uri, limit);
        }
        if (scheme.equals("file") && uri.getRawAuthority() == null && uri.getRawQuery() == null) {
            return readFile(uri, limit);
        }
        throw new ResourceException(uri, Reason.REFUSED, "expected kbs:/// or file:///");
    }

    private static byte[] readFile(URI uri, int limit) throws ResourceException {
        try (InputStream in = Files.newInputStream(Path.of(uri))) {
            byte[] bytes = in.readNBytes(limit);
            if (in.read() >= 0) {
                Arrays.fill(bytes, (byte) 0);
                throw new ResourceException(uri, Reason.TOO_LARGE, "more than " + limit + " bytes");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new ResourceException(uri, Reason.NOT_FOUND, "there is no such file", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new ResourceException(uri, Reason.UNAVAILABLE, "cannot be read: " + e.getMessage(), e);
        }
    }
}
