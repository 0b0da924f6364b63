package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IdentityMatchTest {
    private static final String D1 = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final String D2 = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private static void accepted(SignedIdentity rule, String image, String signed) throws Exception {
        ImageReference reference = ImageReference.parse(image);
        assertThat(IdentityMatch.verify(rule, Optional.of(reference), signed)).isEqualTo(ImageReference.parse(signed));
    }

    private static void refused(SignedIdentity rule, Optional<ImageReference> image, String signed) {
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> IdentityMatch.verify(rule, image, signed))
                .satisfies(e -> assertThat(e.check()).isEqualTo(SignatureCheck.IDENTITY));
    }

    private static void refused(SignedIdentity rule, String image, String signed) throws OciException {
        refused(rule, Optional.of(ImageReference.parse(image)), signed);
    }

    @Test
    void verify_tagAndDigest_matchExactSeesTheTag() throws Exception {
        SignedIdentity rule = new SignedIdentity.MatchExact();
        accepted(rule, "busybox:1@" + D1, "busybox:1");
        refused(rule, "busybox:1@" + D1, "busybox:2");
        refused(rule, "busybox:1@" + D1, "busybox@" + D1);
        refused(rule, "busybox:1@" + D1, "busybox:1@" + D1);
    }

    @Test
    void verify_tagAndDigest_defaultSeesTheDigest() throws Exception {
        SignedIdentity rule = new SignedIdentity.MatchRepoDigestOrExact();
        accepted(rule, "busybox:1@" + D1, "busybox:2");
        accepted(rule, "busybox:1@" + D1, "busybox@" + D2);
        refused(rule, "busybox:1@" + D1, "busybox");
        refused(rule, "busybox:1@" + D1, "other:1");
    }

    @Test
    void verify_tagAndDigest_remapSeesTheDigest() throws Exception {
        SignedIdentity rule = new SignedIdentity.RemapIdentity("mirror.example", "docker.io");
        accepted(rule, "mirror.example/library/busybox:1@" + D1, "busybox:2");
        refused(rule, "mirror.example.evil/library/busybox@" + D1, "busybox:2");
    }

    @Test
    void verify_repository_anyTag() throws Exception {
        SignedIdentity rule = new SignedIdentity.MatchRepository();
        accepted(rule, "busybox:1", "busybox");
        refused(rule, "busybox:1", "example.com/library/busybox:1");
    }

    @Test
    void verify_noReference_rulesOfTheImageRefuse() throws Exception {
        refused(new SignedIdentity.MatchExact(), Optional.empty(), "busybox:1");
        refused(new SignedIdentity.MatchRepoDigestOrExact(), Optional.empty(), "busybox:1");
        refused(new SignedIdentity.MatchRepository(), Optional.empty(), "busybox:1");
        refused(new SignedIdentity.RemapIdentity("a.b", "c.d"), Optional.empty(), "busybox:1");
    }

    @Test
    void verify_noReference_exactRulesDecide() throws Exception {
        ImageReference busybox = ImageReference.parse("busybox:1");
        assertThat(IdentityMatch.verify(new SignedIdentity.ExactReference(busybox), Optional.empty(), "busybox:1"))
                .isEqualTo(busybox);
        assertThat(IdentityMatch.verify(new SignedIdentity.ExactRepository(busybox), Optional.empty(), "busybox:2")
                        .tag())
                .contains("2");
        refused(new SignedIdentity.ExactReference(busybox), Optional.empty(), "busybox:2");
    }

    @Test
    void verify_signedNameIsNone_refused() throws Exception {
        refused(new SignedIdentity.MatchRepository(), "busybox:1", "not a reference\n");
    }

    @Test
    void rewrite_prefixOfAComponent_notRewritten() throws Exception {
        ImageReference image = ImageReference.parse("mirror.example/vendor-x/a:1");
        assertThat(IdentityMatch.rewrite(
                        new SignedIdentity.RemapIdentity("mirror.example/vendor", "vendor.example"), image))
                .isEqualTo(image);
    }
}
