package dev.bulla.registry;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import okhttp3.HttpUrl;

/** Parsers of what a registry or a tenant's file says: they refuse by their own exceptions or succeed, nothing else. */
class RegistryFuzzTest {

    @FuzzTest(maxDuration = "30s")
    void challenge(byte[] header) {
        String text = new String(header, StandardCharsets.ISO_8859_1);
        for (Challenge challenge : Challenge.parse(List.of(text))) {
            if (challenge.scheme().isEmpty()) {
                throw new IllegalStateException("a challenge without a scheme");
            }
        }
    }

    @FuzzTest(maxDuration = "30s")
    void authFile(byte[] json) throws OciException {
        try {
            var _ = AuthFile.parse(json).find(ImageReference.parse("reg.example/a/b"));
            var _ = AuthFile.parseLegacy(json).find(ImageReference.parse("busybox"));
        } catch (AuthFileException e) {
            if (e.getMessage().indexOf('\n') >= 0) {
                throw new IllegalStateException("a message of two lines", e);
            }
        }
    }

    @FuzzTest(maxDuration = "30s")
    void insecureHost(byte[] host) {
        try {
            var _ = InsecureHost.parse(new String(host, StandardCharsets.UTF_8));
        } catch (OciException e) {
            if (!e.getMessage().startsWith("insecure registry ")) {
                throw new IllegalStateException(e);
            }
        }
    }

    @FuzzTest(maxDuration = "30s")
    void layoutName(byte[] name) {
        try {
            var _ = LayoutName.parse(new String(name, StandardCharsets.UTF_8));
        } catch (OciException e) {
            if (!e.getMessage().startsWith("image ")) {
                throw new IllegalStateException(e);
            }
        }
    }

    @FuzzTest(maxDuration = "30s")
    void lookasideConfiguration(byte[] yaml) throws OciException {
        try {
            var _ = LookasideConfiguration.parse(yaml).storeOf(ImageReference.parse("reg.example/a/b"));
        } catch (LookasideConfigurationException e) {
            if (e.getMessage().chars().anyMatch(Character::isISOControl)) {
                throw new IllegalStateException("a control character in a message", e);
            }
        }
    }

    @FuzzTest(maxDuration = "30s")
    void keptSignatures(byte[] json) {
        try {
            var _ = KeptSignatures.read(json);
        } catch (OciException e) {
            if (e.getMessage().indexOf('\n') >= 0) {
                throw new IllegalStateException("a message of two lines", e);
            }
        }
    }

    @FuzzTest(maxDuration = "30s")
    void nextPage(byte[] header) {
        try {
            var _ = NextPage.of(
                    List.of(new String(header, StandardCharsets.ISO_8859_1)),
                    HttpUrl.get("https://reg.example/v2/a/referrers/x"),
                    "a list");
        } catch (RegistryProtocolException e) {
            if (e.getMessage().indexOf('\n') >= 0) {
                throw new IllegalStateException("a message of two lines", e);
            }
        }
    }
}
