package dev.bulla.policy.bundle;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a verified envelope states about its subjects. Spec: in-toto/attestation, statement v0.1 and v1.
 *
 * @param subjects the digests of what it is about, each by its algorithms' names
 * @param predicateType what kind of statement it is: a URI
 * @param predicate the statement; empty where it says nothing beyond its type
 */
public record InTotoStatement(
        List<Map<String, String>> subjects, String predicateType, Optional<JsonCursor> predicate) {
    /** The most subjects of one statement. */
    public static final int MAX_SUBJECTS = 4096;

    static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";

    private static final List<String> TYPES =
            List.of("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1");

    public InTotoStatement {
        subjects = List.copyOf(subjects);
        requireNonNull(predicateType, "predicateType is null");
        requireNonNull(predicate, "predicate is null");
    }

    /** Reads a statement, once the signature over it is verified. */
    static InTotoStatement parse(SigstoreBundle.Content.Envelope envelope) throws SignatureRejectedException {
        if (!envelope.payloadType().equals(PAYLOAD_TYPE)) {
            throw new SignatureRejectedException(
                    SignatureCheck.PAYLOAD,
                    "the payload is of " + Quoted.text(envelope.payloadType()) + ", expected " + PAYLOAD_TYPE);
        }
        try {
            return read(JsonCursor.parse(envelope.payload()).object());
        } catch (JsonException e) {
            throw new SignatureRejectedException(SignatureCheck.PAYLOAD, "the statement: " + e.getMessage(), e);
        }
    }

    private static InTotoStatement read(JsonCursor.Members members) throws JsonException {
        JsonCursor type = members.required("_type");
        if (!TYPES.contains(type.string())) {
            throw type.refuse("got " + Quoted.text(type.string()) + ", expected " + String.join(" or ", TYPES));
        }
        JsonCursor written = members.required("subject");
        List<Map<String, String>> subjects = new ArrayList<>();
        for (JsonCursor item : ProtoJson.items(written, MAX_SUBJECTS)) {
            subjects.add(item.object().required("digest").stringMap());
        }
        if (subjects.isEmpty()) {
            throw written.refuse("the list is empty, expected at least one subject");
        }
        JsonCursor predicateType = members.required("predicateType");
        if (predicateType.string().isEmpty()) {
            throw predicateType.refuse("the text is empty");
        }
        return new InTotoStatement(subjects, predicateType.string(), members.present("predicate"));
    }

    /** Requires that it is about what has this digest. */
    public void requireSubject(Digest digest) throws SignatureRejectedException {
        if (subjects.stream()
                .noneMatch(subject ->
                        digest.hex().equals(subject.get(digest.algorithm().id())))) {
            throw new SignatureRejectedException(
                    SignatureCheck.DIGEST,
                    "none of " + subjects.size() + " subjects of the statement is " + digest + "; the first is "
                            + Quoted.text(subjects.getFirst().toString()));
        }
    }

    /** Requires that it is of this kind. */
    public void requirePredicateType(String expected) throws SignatureRejectedException {
        if (!predicateType.equals(expected)) {
            throw new SignatureRejectedException(
                    SignatureCheck.PAYLOAD,
                    "the statement's predicate is of " + Quoted.text(predicateType) + ", expected "
                            + Quoted.text(expected));
        }
    }
}
