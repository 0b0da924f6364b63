package dev.bulla.policy;

import static dev.bulla.policy.Judging.MANIFEST;
import static dev.bulla.policy.Judging.image;
import static dev.bulla.policy.Judging.lenient;
import static dev.bulla.policy.Judging.malformedSection;
import static dev.bulla.policy.Judging.rejected;
import static dev.bulla.policy.PolicyText.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.policy.signature.SigningKey;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MinimumVersionsTest {
    /** An image that is signed as far as this rule is concerned: its digest is pinned. */
    private static Policy pinned(String minimumVersions) throws Exception {
        return policy("{'default':[{'type':'expectedDigest','digests':['" + MANIFEST
                + "']}],'bulla':{'version':1,'minimumVersions':{" + minimumVersions + "}}}");
    }

    private static PolicySubject version(String name, String version) {
        return Subjects.annotated(image(name), Map.of(MinimumVersions.ANNOTATION, version));
    }

    private static RequirementDecision accepted(Policy policy, PolicySubject image) throws Exception {
        return Judging.accepted(policy, image, SignatureSource.NONE)
                .requirements()
                .getLast();
    }

    @ParameterizedTest
    @CsvSource({"1.4.0", "1.4", "v1.4.1", "1.10", "2.0.0-rc.1", "1.4.0+build"})
    void decide_atLeastTheMinimum_accepted(String version) throws Exception {
        RequirementDecision decision =
                accepted(pinned("'registry.example/app':'1.4.0'"), version("registry.example/app:1", version));
        assertThat(decision.type()).isEqualTo("minimumVersions");
        assertThat(decision.reason()).contains("is at least 1.4 for \"registry.example/app\"");
    }

    @ParameterizedTest
    @CsvSource({"1.3.9", "1.4.0-rc.1", "0.9", "1.3.99.99"})
    void decide_olderThanTheMinimum_refused(String version) throws Exception {
        RejectedDecision decision = rejected(
                pinned("'registry.example/app':'1.4.0'"),
                version("registry.example/app:1", version),
                SignatureSource.NONE);
        assertThat(decision.reason())
                .isEqualTo("minimumVersions: the image is version \"" + version
                        + "\", expected at least 1.4 for \"registry.example/app\"");
        assertThat(decision.requirements().getFirst().outcome()).isEqualTo(RequirementOutcome.ALLOW);
        assertThat(decision.matrix()).isEmpty();
    }

    @Test
    void decide_noVersion_refused() throws Exception {
        assertThat(rejected(pinned("'registry.example':'1'"), image(), SignatureSource.NONE)
                        .reason())
                .contains("the manifest has no annotation org.opencontainers.image.version");
    }

    @Test
    void decide_versionWithoutOrder_refused() throws Exception {
        assertThat(rejected(
                                pinned("'registry.example':'1'"),
                                version("registry.example/app:1", "la\ntest"),
                                SignatureSource.NONE)
                        .reason())
                .contains("cannot be ordered")
                .doesNotContain("\n");
    }

    @Test
    void decide_unsigned_refusedHoweverNew() throws Exception {
        assertThat(rejected(
                                policy(lenient("'minimumVersions':{'registry.example':'1'}")),
                                version("registry.example/app:1", "9"),
                                SignatureSource.NONE)
                        .reason())
                .startsWith("minimumVersions: the image is unsigned");
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example/app/web:1, 3",
        "registry.example/app/web/x:1, 3",
        "registry.example/app:1, 2",
        "registry.example/app/webs:1, 2",
        "registry.example/apps:1, 1",
        "registry.example/else:1, 1"
    })
    void decide_severalNames_theLongestApplies(String name, String applies) throws Exception {
        Policy policy = pinned("'registry.example':'1','registry.example/app':'2','registry.example/app/web':'3'");
        assertThat(accepted(policy, version(name, "3")).reason()).contains(" is at least " + applies + " for ");
    }

    @Test
    void decide_anotherRegistry_notAsked() throws Exception {
        Policy policy = pinned("'registry.example':'1','registry.example:5000/app':'1'");
        for (String name : new String[] {"registry.example:80/app:1", "example/app:1", "sub.registry.example/app:1"}) {
            assertThat(accepted(policy, image(name)).type()).isEqualTo("expectedDigest");
        }
    }

    @Test
    void decide_layout_notAsked() throws Exception {
        PolicySubject layout =
                Subjects.ociLayout(Path.of("/images/app"), MANIFEST, Optional.empty(), LayerEncryption.NONE);
        assertThat(accepted(pinned("'registry.example':'1'"), layout).type()).isEqualTo("expectedDigest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'minimumVersions':{}",
                "'minimumVersions':[]",
                "'minimumVersions':{'registry.example/app':1}",
                "'minimumVersions':{'registry.example/app':'latest'}",
                "'minimumVersions':{'registry.example/app':''}",
                "'minimumVersions':{'registry.example/app:1':'1'}",
                "'minimumVersions':{'registry.example/App':'1'}",
                "'minimumVersions':{'registry.example/':'1'}",
                "'minimumVersions':{'*.example':'1'}",
                "'minimumVersions':{'':'1'}"
            })
    void parse_malformed_refused(String section) {
        assertThat(malformedSection(section)).contains("$.bulla.minimumVersions");
    }

    private static String names(int count) {
        return "'minimumVersions':{"
                + IntStream.range(0, count)
                        .mapToObj(i -> "'r.example/n" + i + "':'1'")
                        .collect(Collectors.joining(","))
                + "}";
    }

    @Test
    void parse_namesAtAndOverTheLimit_takenAndNot() throws Exception {
        assertThat(policy(lenient(names(MinimumVersions.MAX_NAMES)))
                        .minimumVersions()
                        .byName())
                .hasSize(1024);
        assertThat(malformedSection(names(MinimumVersions.MAX_NAMES + 1))).contains("got 1025 names");
    }

    /** Whoever calls the image chooses what it is called, and rules such as these take it by the name that was signed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'exactRepository','dockerRepository':'registry.example/app'}",
                "{'type':'exactReference','dockerReference':'registry.example/app:1'}",
                "{'type':'remapIdentity','prefix':'elsewhere.example','signedPrefix':'registry.example'}"
            })
    void decide_imageByAnotherName_theSignedNamesMinimum(String identity) throws Exception {
        SigningKey key = SigningKey.ed25519();
        Policy policy = policy("{'default':[{'type':'anyOf','requirements':[" + PolicyText.sigstoreSigned(key, identity)
                + "]}],'bulla':{'version':1,'minimumVersions':{'registry.example/app':'1.4.0'}}}");
        SignatureSource signatures = Judging.signatures(key.attachment(MANIFEST, "registry.example/app:1"));
        assertThat(rejected(policy, version("elsewhere.example/app:1", "1.3"), signatures)
                        .reason())
                .contains("expected at least 1.4 for \"registry.example/app\"");
        assertThat(Judging.accepted(policy, version("elsewhere.example/app:1", "1.4"), signatures)
                        .outcome())
                .isEqualTo("accept");
    }

    @Test
    void decide_layoutThatWasSignedUnderAName_itsMinimum() throws Exception {
        SigningKey key = SigningKey.ed25519();
        Policy policy = policy("{'default':["
                + PolicyText.sigstoreSigned(key, "{'type':'exactRepository','dockerRepository':'registry.example/app'}")
                + "],'bulla':{'version':1,'minimumVersions':{'registry.example':'1.4.0'}}}");
        PolicySubject layout = Subjects.annotated(
                Subjects.ociLayout(Path.of("/images"), MANIFEST, Optional.empty(), LayerEncryption.NONE),
                Map.of(MinimumVersions.ANNOTATION, "1.3"));
        assertThat(rejected(policy, layout, Judging.signatures(key.attachment(MANIFEST, "registry.example/app:1")))
                        .reason())
                .contains("the image is version \"1.3\"");
    }
}
