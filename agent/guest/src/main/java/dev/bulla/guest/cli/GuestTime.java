package dev.bulla.guest.cli;

import dev.bulla.policy.time.TimeRefusedException;
import dev.bulla.policy.time.TrustedTime;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Properties;

/**
 * What time it can be in this guest: not before the build, nor before what another process of this boot knew, whatever the
 * host's clock says.
 */
final class GuestTime {
    /** Where it is kept for the boot, unless {@value #FOLDER_VARIABLE} names another folder. */
    private static final Path FOLDER = Path.of("/run/bulla");

    private static final String FOLDER_VARIABLE = "BULLA_RUN";
    private static final String BUILD = "version.properties";

    private final TrustedTime time;
    private final FloorFile file;
    private Instant known;

    private GuestTime(TrustedTime time, FloorFile file) {
        this.time = time;
        this.file = file;
        this.known = time.floor();
    }

    /** The time for whoever only asks what would be: nothing of this boot is read or kept. */
    static TrustedTime apart() {
        return new TrustedTime(build(), InstantSource.system());
    }

    static GuestTime open() throws IOException {
        String named = System.getenv(FOLDER_VARIABLE);
        return open(
                build(),
                InstantSource.system(),
                new FloorFile(named == null || named.isEmpty() ? FOLDER : Path.of(named)));
    }

    static GuestTime open(Instant build, InstantSource hostClock, FloorFile file) throws IOException {
        TrustedTime time = new TrustedTime(build, hostClock);
        Optional<Instant> kept = file.read();
        if (kept.isPresent()) {
            try {
                time.raise(kept.get(), "an earlier process of this boot");
            } catch (TimeRefusedException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        return new GuestTime(time, file);
    }

    /** The time, whose floor rises with what is verified. */
    TrustedTime trusted() {
        return time;
    }

    /** Keeps the floor for other processes of this boot, where it has risen and can be kept. */
    void keep() throws IOException {
        Instant floor = time.floor();
        // Another process may have kept a later time since.
        if (floor.isAfter(known)
                && file.read().filter(kept -> !kept.isBefore(floor)).isEmpty()) {
            if (!file.write(floor)) {
                return;
            }
        }
        known = floor;
    }

    private static Instant build() {
        Properties properties = new Properties();
        try (InputStream in = GuestTime.class.getResourceAsStream(BUILD)) {
            if (in == null) {
                throw new IllegalStateException(BUILD + " is missing from the build");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Instant.parse(properties.getProperty("built"));
    }
}
