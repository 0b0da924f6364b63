package dev.bulla.guest.cli;

import dev.bulla.policy.time.TrustedTime;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Properties;

/** What time it can be in this guest: not before the build, whatever the host's clock says. */
final class GuestTime {
    private static final String BUILD = "version.properties";

    private GuestTime() {}

    static TrustedTime now() {
        return new TrustedTime(build(), InstantSource.system());
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
