package dev.bulla.guest.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.guest.TestLayout;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.SignatureSource;
import dev.bulla.policy.StoredSignature;
import dev.bulla.registry.LayoutSource;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistrySignaturesTest {
    private static final Digest SIGNED = Digest.Algorithm.SHA256.of(new byte[1]);

    @TempDir
    Path folder;

    private TestLayout layout;

    @BeforeEach
    void makeLayout() throws Exception {
        layout = new TestLayout(folder);
    }

    private List<StoredSignature> attachments(Descriptor... payloads) throws Exception {
        Descriptor config = layout.config(List.of());
        layout.tag("sha256-" + SIGNED.hex() + ".sig", layout.manifest(config, List.of(payloads)));
        try (LayoutSource source = LayoutSource.open(folder)) {
            return new RegistrySignatures(source).signatures(StoredSignature.Kind.SIGSTORE_ATTACHMENT, SIGNED);
        }
    }

    private Descriptor payload(int length, int fill) throws Exception {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) fill);
        return layout.blob(StoredSignature.SIMPLE_SIGNING, bytes, Map.of());
    }

    @Test
    void attachments_payloadsAtTheLimitTogether_areGiven() throws Exception {
        int half = SignatureSource.MAX_SIGNATURES_LENGTH / 2;
        assertThat(attachments(payload(half, 1), payload(half, 2))).hasSize(2);
    }

    @Test
    void attachments_payloadsOverTheLimitTogether_areRefusedBeforeTheyAreHeld() throws Exception {
        int half = SignatureSource.MAX_SIGNATURES_LENGTH / 2;
        assertThatThrownBy(() -> attachments(payload(half, 1), payload(half, 2), payload(1, 3)))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("8388608");
    }
}
