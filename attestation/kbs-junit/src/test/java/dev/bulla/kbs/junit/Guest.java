package dev.bulla.kbs.junit;

import dev.bulla.attestation.client.AttestationException;
import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.KbsConfigurationException;
import dev.bulla.attestation.client.evidence.SampleAttester;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.ResourceUri;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The client under the clock of the KBS, with sample evidence; it pauses for no time. */
final class Guest implements AutoCloseable {
    static final String PATH = "default/key/1";
    static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);

    private static final ResourceUri KEY = ResourceUri.of(new ResourcePath("default", "key", "1"));

    final KbsClient client;

    private Guest(KbsClient client) {
        this.client = client;
    }

    static Guest of(RunningKbs kbs) throws KbsConfigurationException {
        return new Guest(builder(kbs).insecureHttp().build());
    }

    /** A guest whose requests take no longer than that. */
    static Guest impatient(RunningKbs kbs, Duration call) throws KbsConfigurationException {
        return new Guest(builder(kbs).insecureHttp().timeouts(call, call).build());
    }

    static Guest pinning(RunningKbs kbs) throws KbsConfigurationException {
        return new Guest(builder(kbs).pinnedRoots(kbs.certificatePem()).build());
    }

    private static KbsClient.Builder builder(RunningKbs kbs) {
        return KbsClient.builder(kbs.url(), new SampleAttester())
                .time(kbs.clock())
                .pause(pause -> {});
    }

    byte[] fetch() throws AttestationException {
        return client.fetch(KEY, SECRET.length);
    }

    @Override
    public void close() {
        client.close();
    }
}
