package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.ImageReference;
import dev.bulla.policy.signature.SigningKey;
import dev.bulla.policy.signature.SimpleSigningPayload;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PolicyPropertiesTest {
    private static final String DIGEST = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @Provide
    Arbitrary<String> references() {
        Arbitrary<String> part =
                Arbitraries.strings().withCharRange('a', 'z').ofMinLength(1).ofMaxLength(4);
        Arbitrary<String> host = Combinators.combine(
                        part.list().ofMinSize(2).ofMaxSize(4), Arbitraries.of("", ":5000", ":1"))
                .as((labels, port) -> String.join(".", labels) + port);
        Arbitrary<String> path = part.list().ofMinSize(1).ofMaxSize(4).map(parts -> String.join("/", parts));
        Arbitrary<String> end = Arbitraries.of(":1", ":2", "@" + DIGEST, ":1@" + DIGEST);
        return Combinators.combine(host, path, end).as((h, p, e) -> h + "/" + p + e);
    }

    @Provide
    Arbitrary<Matrix> matrices() {
        return Arbitraries.of(MatrixCell.class).set().map(allowed -> {
            Map<MatrixCell, Boolean> cells = new EnumMap<>(MatrixCell.class);
            for (MatrixCell cell : MatrixCell.values()) {
                cells.put(cell, allowed.contains(cell));
            }
            return Matrix.of(cells);
        });
    }

    @Property
    void stricter_allowsWhatBothAllow(@ForAll("matrices") Matrix one, @ForAll("matrices") Matrix other) {
        for (MatrixCell cell : MatrixCell.values()) {
            assertThat(one.stricter(other).allows(cell)).isEqualTo(one.allows(cell) && other.allows(cell));
        }
        assertThat(one.stricter(other)).isEqualTo(other.stricter(one));
    }

    @Property
    void scopes_distinctAndEachAPrefixOrAWildcard(@ForAll("references") String text) throws Exception {
        ImageReference reference = ImageReference.parse(text);
        List<String> scopes = ScopeLookup.of(new ImageName.Registry(reference)).scopes();
        assertThat(scopes).doesNotHaveDuplicates().endsWith("");
        String host = reference.domain().replaceAll(":.*", "");
        for (String scope : scopes) {
            if (scope.startsWith("*.")) {
                assertThat(host).endsWith(scope.substring(1));
            } else {
                assertThat(reference.toString().startsWith(scope) || scope.equals(reference.name() + "@" + DIGEST))
                        .as(scope)
                        .isTrue();
            }
        }
    }

    @Property
    void identity_itsOwnName_matchesEveryRule(@ForAll("references") String text) throws Exception {
        ImageReference reference = ImageReference.parse(text);
        for (SignedIdentity rule : List.of(
                new SignedIdentity.MatchExact(),
                new SignedIdentity.MatchRepoDigestOrExact(),
                new SignedIdentity.MatchRepository(),
                new SignedIdentity.ExactReference(reference),
                new SignedIdentity.ExactRepository(reference),
                new SignedIdentity.RemapIdentity("nobody.example", "else.example"))) {
            assertThat(IdentityMatch.match(rule, Optional.of(reference), text)).isEqualTo(reference);
        }
    }

    @Property
    void rewrite_thereAndBack_theSame(@ForAll("references") String text) throws Exception {
        ImageReference reference = ImageReference.parse(text);
        SignedIdentity.RemapIdentity there =
                new SignedIdentity.RemapIdentity(reference.domain(), "mirror.example/copy");
        SignedIdentity.RemapIdentity back = new SignedIdentity.RemapIdentity("mirror.example/copy", reference.domain());
        ImageReference mirrored = IdentityMatch.rewrite(there, reference);
        assertThat(mirrored.name()).isEqualTo(String.format(Locale.ROOT, "mirror.example/copy/%s", reference.path()));
        assertThat(IdentityMatch.rewrite(back, mirrored)).isEqualTo(reference);
    }

    @Property
    void payload_whatWasSigned_isRead(@ForAll("references") String text) throws Exception {
        dev.bulla.oci.Digest digest = dev.bulla.oci.Digest.Algorithm.SHA256.of(new byte[] {(byte) text.length()});
        SimpleSigningPayload payload =
                SimpleSigningPayload.parse(SigningKey.payload(digest, text), SimpleSigningPayload.Type.COSIGN);
        assertThat(payload.manifestDigest()).isEqualTo(digest);
        assertThat(payload.dockerReference()).isEqualTo(text);
    }
}
