package dev.bulla.policy;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Optional;

/** The grammar of {@code signedIdentity} and {@code baseLayerIdentity}. */
final class SignedIdentityGrammar {
    private SignedIdentityGrammar() {}

    static SignedIdentity parse(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        JsonCursor typeValue = members.required("type");
        String type = typeValue.string();
        return switch (type) {
            case "matchExact" -> {
                members.allowOnly("type");
                yield new SignedIdentity.MatchExact();
            }
            case "matchRepoDigestOrExact" -> {
                members.allowOnly("type");
                yield new SignedIdentity.MatchRepoDigestOrExact();
            }
            case "matchRepository" -> {
                members.allowOnly("type");
                yield new SignedIdentity.MatchRepository();
            }
            case "exactReference" -> {
                members.allowOnly("type", "dockerReference");
                JsonCursor written = members.required("dockerReference");
                ImageReference reference = reference(written);
                if (reference.tag().isEmpty() && reference.digest().isEmpty()) {
                    throw written.refuse(
                            "got " + Quoted.text(written.string()) + ", expected a reference with a tag or a digest");
                }
                yield new SignedIdentity.ExactReference(reference);
            }
            case "exactRepository" -> {
                members.allowOnly("type", "dockerRepository");
                yield new SignedIdentity.ExactRepository(reference(members.required("dockerRepository")));
            }
            case "remapIdentity" -> {
                members.allowOnly("type", "prefix", "signedPrefix");
                yield new SignedIdentity.RemapIdentity(
                        prefix(members.required("prefix")), prefix(members.required("signedPrefix")));
            }
            default ->
                throw typeValue.refuse("unknown identity type " + Quoted.text(type)
                        + ", expected matchExact, matchRepoDigestOrExact, matchRepository, exactReference,"
                        + " exactRepository or remapIdentity");
        };
    }

    /** Requires {@code matchDigestOnly}, which only our own requirement types take. */
    static void requireMatchDigestOnly(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("type");
        JsonCursor type = members.required("type");
        String expected = new SignedIdentity.MatchDigestOnly().type();
        if (!type.string().equals(expected)) {
            throw type.refuse("got " + Quoted.text(type.string()) + ", expected \"" + expected
                    + "\": what is signed has no name, so the digest alone decides");
        }
    }

    private static ImageReference reference(JsonCursor value) throws JsonException {
        try {
            return ImageReference.parse(value.string());
        } catch (JsonException e) {
            throw e;
        } catch (OciException e) {
            throw value.refuse(e.getMessage());
        }
    }

    /** A host, with a port or none, or a host and the beginning of a path; no short name and no tag. */
    private static String prefix(JsonCursor value) throws JsonException {
        String text = value.string();
        int slash = text.indexOf('/');
        String domain = slash < 0 ? text : text.substring(0, slash);
        String path = slash < 0 ? "any" : text.substring(slash + 1);
        try {
            ImageReference repository = new ImageReference(domain, path, Optional.empty(), Optional.empty());
            return slash < 0 ? repository.domain() : repository.name();
        } catch (IllegalArgumentException e) {
            throw value.refuse(
                    "got " + Quoted.text(text) + ", expected host[:port], or that and the beginning of a path");
        }
    }
}
