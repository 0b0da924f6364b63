package dev.bulla.policy;

import static dev.bulla.policy.Judging.INDEX;
import static dev.bulla.policy.Judging.MANIFEST;
import static dev.bulla.policy.Judging.accepted;
import static dev.bulla.policy.Judging.digest;
import static dev.bulla.policy.Judging.image;
import static dev.bulla.policy.Judging.malformed;
import static dev.bulla.policy.Judging.rejected;
import static dev.bulla.policy.PolicyText.requiring;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code expectedDigest} and {@code sourceURIs}. */
class PinnedImagesTest {

    private static String expected(Digest... digests) {
        return "{'type':'expectedDigest','digests':["
                + java.util.Arrays.stream(digests).map(d -> "'" + d + "'").collect(Collectors.joining(",")) + "]}";
    }

    private static Policy from(String... uris) throws Exception {
        return requiring("{'type':'sourceURIs','uris':['" + String.join("','", uris) + "']}")
                .withMatrix(Matrix.of(Map.of(MatrixCell.UNENCRYPTED_UNSIGNED, true)));
    }

    // Digests.

    @Test
    void digest_ofTheManifest_acceptedAsSigned() throws Exception {
        AcceptedDecision decision =
                accepted(requiring(expected(digest("other"), MANIFEST)), image(), SignatureSource.NONE);
        assertThat(decision.reason()).isEqualTo("the manifest is " + MANIFEST + ", which the policy pins");
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
    }

    @Test
    void digest_ofTheLinkedIndex_acceptedAsSigned() throws Exception {
        AcceptedDecision decision = accepted(requiring(expected(INDEX)), image(), SignatureSource.NONE);
        assertThat(decision.reason()).contains("the index is " + INDEX);
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
    }

    @Test
    void digest_ofTheConfigOrAnother_refused() throws Exception {
        assertThat(rejected(requiring(expected(image().config().orElseThrow())), image(), SignatureSource.NONE)
                        .reason())
                .startsWith("expectedDigest: the manifest is " + MANIFEST + " of the index " + INDEX + ", expected ");
        assertThat(rejected(requiring(expected(digest("a"), digest("b"))), image(), SignatureSource.NONE)
                        .reason())
                .contains("expected one of 2 digests");
    }

    @Test
    void digest_ofTheSameBytesByAnotherAlgorithm_refused() throws Exception {
        Digest sha512 = Digest.Algorithm.SHA512.of("manifest".getBytes(StandardCharsets.UTF_8));
        rejected(requiring(expected(sha512)), image(), SignatureSource.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'expectedDigest'}",
                "{'type':'expectedDigest','digests':[]}",
                "{'type':'expectedDigest','digests':'sha256:0'}",
                "{'type':'expectedDigest','digests':['sha256:0']}",
                "{'type':'expectedDigest','digests':['SHA256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef']}",
                "{'type':'expectedDigest','digests':[1]}",
                "{'type':'expectedDigest','digest':[]}"
            })
    void digest_malformed_refused(String requirement) {
        assertThat(malformed(requirement)).contains("$.default[0]");
    }

    private static Digest[] digests(int count) {
        return IntStream.range(0, count).mapToObj(i -> digest("image " + i)).toArray(Digest[]::new);
    }

    @Test
    void digest_asManyAsTheLimitAndMore_takenAndNot() throws Exception {
        assertThat(requiring(expected(digests(ExpectedDigest.MAX_DIGESTS))).origin())
                .isEqualTo("test");
        assertThat(malformed(expected(digests(ExpectedDigest.MAX_DIGESTS + 1))))
                .contains("got 1025 digests, expected 1 to 1024");
    }

    // Sources.

    @ParameterizedTest
    @CsvSource({
        "https://mirror.example/v2/team/app, https://mirror.example/v2/team/app",
        "https://mirror.example/v2/team, https://mirror.example/v2/team/app",
        "https://mirror.example/v2, https://mirror.example/v2/team/app",
        "https://mirror.example:5000/v2, https://mirror.example:5000/v2/team/app",
        "http://[::1]:5000/v2, http://[::1]:5000/v2/app",
        "oci:/images, oci:/images/app",
        "oci:/images/app, oci:/images/app"
    })
    void source_thereOrBelow_acceptedAsUnsigned(String uri, String source) throws Exception {
        AcceptedDecision decision =
                accepted(from("https://else.example/v2", uri), Subjects.from(image(), source), SignatureSource.NONE);
        assertThat(decision.reason()).isEqualTo("the image came from \"" + source + "\"");
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
    }

    @ParameterizedTest
    @CsvSource({
        "https://mirror.example/v2/team, https://mirror.example/v2/teams/app",
        "https://mirror.example/v2/team, http://mirror.example/v2/team/app",
        "https://mirror.example/v2/team/app, https://mirror.example/v2/team",
        "https://mirror.example/v2, https://mirror.example:444/v2/team",
        "https://mirror.example/v2, https://mirror.example.evil.example/v2/team",
        "oci:/images, oci:/images2/app",
        "oci:/images, https://mirror.example/v2/images/app"
    })
    void source_elsewhere_refused(String uri, String source) throws Exception {
        assertThat(rejected(from(uri), Subjects.from(image(), source), SignatureSource.NONE)
                        .reason())
                .isEqualTo("sourceURIs: the image came from \"" + source + "\", expected \"" + uri + "\"");
    }

    @Test
    void source_oneOfTwoElsewhere_refused() throws Exception {
        assertThat(rejected(
                                from("https://a.example/v2"),
                                Subjects.from(image(), "https://a.example/v2/app", "https://b.example/v2/app"),
                                SignatureSource.NONE)
                        .reason())
                .contains("b.example");
    }

    @Test
    void source_unknown_refused() throws Exception {
        assertThat(rejected(from("https://a.example/v2"), image(), SignatureSource.NONE)
                        .reason())
                .isEqualTo("sourceURIs: it is not known where the image came from");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://mirror.example",
                "https://mirror.example/",
                "https://mirror.example/v2/",
                "https://mirror.example/v2/Team",
                "https://mirror.example/v1/team",
                "https://user@mirror.example/v2",
                "https://mirror.example/v2/../v2",
                "ftp://mirror.example/v2",
                "mirror.example/team",
                "oci:",
                "oci:/",
                "oci:images",
                "oci:/images/",
                "oci:/images/../x",
                ""
            })
    void source_malformedUri_refused(String uri) {
        assertThat(malformed("{'type':'sourceURIs','uris':['" + uri + "']}")).contains("$.default[0].uris[0]");
    }

    @Test
    void source_malformed_refused() {
        assertThat(malformed("{'type':'sourceURIs'}")).contains("\"uris\" is missing");
        assertThat(malformed("{'type':'sourceURIs','uris':[]}")).contains("got 0 URIs");
        assertThat(malformed("{'type':'sourceURIs','uris':['oci:/a'],'x':1}")).contains("unknown key");
    }

    private static String uris(int count) {
        return "{'type':'sourceURIs','uris':["
                + IntStream.range(0, count).mapToObj(i -> "'oci:/i" + i + "'").collect(Collectors.joining(",")) + "]}";
    }

    @Test
    void source_asManyAsTheLimitAndMore_takenAndNot() throws Exception {
        assertThat(requiring(uris(SourceUris.MAX_URIS)).origin()).isEqualTo("test");
        assertThat(malformed(uris(SourceUris.MAX_URIS + 1))).contains("got 257 URIs, expected 1 to 256");
        String start = "https://registry.example/v2/a";
        String longest = start + ".a".repeat((SourceUris.MAX_LENGTH - start.length()) / 2);
        assertThat(from(longest + "a".repeat(SourceUris.MAX_LENGTH - longest.length()))
                        .origin())
                .isEqualTo("test");
        assertThat(malformed("{'type':'sourceURIs','uris':['" + start + ".a".repeat(20_000) + "']}"))
                .contains("$.default[0].uris[0]")
                .contains("40029 characters, limit 1024");
    }
}
