package dev.bulla.registry;

import static java.util.Objects.requireNonNull;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How registries are spoken to. The defaults are the strict ones; each {@code with…} gives a changed copy. Proxies of the
 * environment are never used.
 *
 * @param credentials who we are to a registry
 * @param insecureHosts the hosts that may be spoken to over plain HTTP or under an unverified certificate
 * @param roots certificates that are trusted beside the platform's
 * @param timeouts how long a registry may take
 * @param clock for {@code Retry-After} dates only
 */
public record RegistryOptions(
        CredentialSource credentials,
        Set<InsecureHost> insecureHosts,
        List<X509Certificate> roots,
        Timeouts timeouts,
        Clock clock) {

    public RegistryOptions {
        requireNonNull(credentials, "credentials is null");
        insecureHosts = Set.copyOf(insecureHosts);
        roots = List.copyOf(roots);
        requireNonNull(timeouts, "timeouts is null");
        requireNonNull(clock, "clock is null");
    }

    /** Anonymous, verified TLS only, the platform's roots, {@link Timeouts#DEFAULT}. */
    public static RegistryOptions defaults() {
        return new RegistryOptions(CredentialSource.NONE, Set.of(), List.of(), Timeouts.DEFAULT, Clock.systemUTC());
    }

    /** These options with other credentials. */
    public RegistryOptions withCredentials(CredentialSource credentials) {
        return new RegistryOptions(credentials, insecureHosts, roots, timeouts, clock);
    }

    /** These options with one more insecure host. */
    public RegistryOptions withInsecureHost(InsecureHost host) {
        Set<InsecureHost> hosts = new LinkedHashSet<>(insecureHosts);
        hosts.add(host);
        return new RegistryOptions(credentials, hosts, roots, timeouts, clock);
    }

    /** These options with other certificates trusted beside the platform's. */
    public RegistryOptions withRoots(List<X509Certificate> roots) {
        return new RegistryOptions(credentials, insecureHosts, roots, timeouts, clock);
    }

    /** These options with other timeouts. */
    public RegistryOptions withTimeouts(Timeouts timeouts) {
        return new RegistryOptions(credentials, insecureHosts, roots, timeouts, clock);
    }

    /** These options with another clock. */
    public RegistryOptions withClock(Clock clock) {
        return new RegistryOptions(credentials, insecureHosts, roots, timeouts, clock);
    }
}
