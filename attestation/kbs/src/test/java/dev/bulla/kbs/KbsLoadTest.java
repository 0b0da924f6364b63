package dev.bulla.kbs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.attestation.protocol.ResourcePath;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many guests at once. How fast is another matter: {@link KbsLoad} measures it. */
class KbsLoadTest {
    private static final int GUESTS = 200;

    @Test
    void rounds_manyGuestsAtOnce_eachAttestsAndGetsAll() throws Exception {
        EmbeddedKbs.Builder builder =
                EmbeddedKbs.builder().insecureSampleEvidence().withSampleReferenceValues();
        List<ResourcePath> resources = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ResourcePath path = new ResourcePath("default", "key", "layer-" + i);
            resources.add(path);
            builder.resource(path, new byte[32]);
        }
        try (EmbeddedKbs kbs = builder.start()) {
            KbsLoad.Outcome outcome = new KbsLoad(kbs.url(), resources).rounds(GUESTS, 1);
            assertThat(outcome.failure()).isEmpty();
            assertThat(outcome.failures()).isZero();
            assertThat(outcome.rounds()).isEqualTo(GUESTS);
            // A client asks again when its connection breaks, as one may on a busy machine: what is released twice
            // counts once.
            assertThat(kbs.attestations()).isGreaterThanOrEqualTo(GUESTS);
            assertThat(kbs.audit().stream()
                            .filter(entry -> entry.action() == AuditRecord.Action.RELEASE && entry.allowed())
                            .map(entry -> entry.session().orElseThrow() + " "
                                    + entry.resource().orElseThrow())
                            .distinct())
                    .hasSize(GUESTS * resources.size());
        }
    }

    @Test
    void rounds_aResourceIsMissing_countsFailures() throws Exception {
        try (EmbeddedKbs kbs = EmbeddedKbs.builder()
                .insecureSampleEvidence()
                .withSampleReferenceValues()
                .start()) {
            KbsLoad.Outcome outcome =
                    new KbsLoad(kbs.url(), List.of(new ResourcePath("default", "key", "none"))).rounds(2, 2);
            assertThat(outcome.failures()).isEqualTo(4);
            assertThat(outcome.failure()).contains("the KBS has no such resource");
            assertThat(outcome.rounds()).isZero();
        }
    }
}
