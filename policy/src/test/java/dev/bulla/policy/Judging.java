package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** One image and what policies say of it, for tests of single rules. */
final class Judging {
    static final Digest MANIFEST = digest("manifest");
    static final Digest INDEX = digest("index");
    static final String NAME = "registry.example/app:1";
    static final String ANYTHING = "{'type':'insecureAcceptAnything'}";
    static final ResourceSource NO_RESOURCES = (uri, limit) -> {
        throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there are none");
    };

    private Judging() {}

    static Digest digest(String text) {
        return Digest.Algorithm.SHA256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    static PolicySubject image() {
        return image(NAME);
    }

    /** An unencrypted image that an index led to. */
    static PolicySubject image(String name) {
        try {
            return Subjects.docker(ImageReference.parse(name), MANIFEST, Optional.of(INDEX), LayerEncryption.NONE);
        } catch (OciException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** These signatures on the manifest. */
    static SignatureSource signatures(StoredSignature... attachments) {
        return Subjects.attachments(digest -> digest.equals(MANIFEST) ? List.of(attachments) : List.of());
    }

    static AcceptedDecision accepted(Policy policy, PolicySubject image, SignatureSource signatures) throws Exception {
        return new PolicyEvaluator(policy, NO_RESOURCES, Clocks.now())
                .evaluate(image, signatures)
                .afterKeys(List.of());
    }

    static RejectedDecision rejected(Policy policy, PolicySubject image, SignatureSource signatures) {
        return rejected(new PolicyEvaluator(policy, NO_RESOURCES, Clocks.now()), image, signatures);
    }

    static RejectedDecision rejected(PolicyEvaluator evaluator, PolicySubject image, SignatureSource signatures) {
        PolicyRejectedException e =
                catchThrowableOfType(PolicyRejectedException.class, () -> evaluator.evaluate(image, signatures));
        assertThat(e).isNotNull();
        assertThat(e).hasMessageNotContaining("\n");
        return e.decision();
    }

    /** The refusal of a policy whose default list is this requirement. */
    static String malformed(String requirement) {
        PolicyFormatException e =
                catchThrowableOfType(PolicyFormatException.class, () -> PolicyText.requiring(requirement));
        assertThat(e).as(requirement).isNotNull();
        assertThat(e).hasMessageNotContaining("\n");
        return e.getMessage();
    }

    /** A policy that accepts anything, plain images too, under these members of the section. */
    static String lenient(String section) {
        return "{'default':[" + ANYTHING + "],'bulla':{'version':1,"
                + "'matrix':{'unencryptedUnsigned':{'allow':true}}," + section + "}}";
    }

    /** The refusal of a section with these members. */
    static String malformedSection(String section) {
        PolicyFormatException e =
                catchThrowableOfType(PolicyFormatException.class, () -> PolicyText.policy(lenient(section)));
        assertThat(e).as(section).isNotNull();
        assertThat(e).hasMessageNotContaining("\n");
        return e.getMessage();
    }
}
