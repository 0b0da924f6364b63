package dev.bulla.policy.bundle;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A bundle that was parsed and is not verified. Spec: sigstore/protobuf-specs, {@code sigstore_bundle.proto}, in protobuf's
 * JSON mapping; unknown and duplicate fields are refused.
 */
public final class SigstoreBundle {
    /** The most bytes of a bundle. */
    public static final int MAX_LENGTH = 4 * 1024 * 1024;

    /** The most entries of logs, and the most time stamps. */
    public static final int MAX_WITNESSES = 16;

    /** The most certificates of its chain. */
    public static final int MAX_CHAIN = 8;

    /** The most bytes of one signature. */
    public static final int MAX_SIGNATURE_LENGTH = 16 * 1024;

    /** The most bytes of one time stamp. */
    public static final int MAX_TIMESTAMP_LENGTH = 64 * 1024;

    private static final int MAX_DIGEST_LENGTH = 64;
    private static final int KEY_ID_LENGTH = 32;

    private final Version version;
    private final Material material;
    private final List<LogEntry> entries;
    private final List<byte[]> timestamps;
    private final Content content;

    private SigstoreBundle(
            Version version, Material material, List<LogEntry> entries, List<byte[]> timestamps, Content content) {
        this.version = requireNonNull(version, "version is null");
        this.material = requireNonNull(material, "material is null");
        this.entries = List.copyOf(entries);
        this.timestamps = List.copyOf(timestamps);
        this.content = requireNonNull(content, "content is null");
    }

    /** The versions of the format, which differ in what a bundle must have. */
    enum Version {
        /** An entry has its log's promise; a proof may be there. */
        V0_1,
        /** An entry has a proof of inclusion with a checkpoint. */
        V0_2,
        /** As {@link #V0_2}; one certificate instead of a chain. */
        V0_3;

        static Optional<Version> of(String mediaType) {
            return switch (mediaType) {
                case "application/vnd.dev.sigstore.bundle+json;version=0.1" -> Optional.of(V0_1);
                case "application/vnd.dev.sigstore.bundle+json;version=0.2" -> Optional.of(V0_2);
                case "application/vnd.dev.sigstore.bundle+json;version=0.3",
                        "application/vnd.dev.sigstore.bundle.v0.3+json" -> Optional.of(V0_3);
                default -> Optional.empty();
            };
        }
    }

    /** Whose signature it says to be. */
    sealed interface Material {

        /** A certificate's; the chain that came with it plays no part. */
        record Certificate(X509Certificate leaf) implements Material {}

        /** A key's, which the verifier must have. */
        record PublicKey() implements Material {}
    }

    /** What is signed. */
    sealed interface Content {
        byte[] signature();

        /**
         * An artifact.
         *
         * @param digest its digest as the bundle has it, if it does
         */
        @SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
        record Message(Optional<MessageDigest> digest, byte[] signature) implements Content {}

        /** A DSSE envelope of one signature. Spec: secure-systems-lab/dsse, protocol.md. */
        @SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
        record Envelope(String payloadType, byte[] payload, byte[] signature) implements Content {

            /** The bytes that are signed: the pre-authentication encoding. */
            byte[] encoding() {
                byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
                byte[] head = ("DSSEv1 " + type.length + " " + payloadType + " " + payload.length + " ")
                        .getBytes(StandardCharsets.UTF_8);
                byte[] encoding = Arrays.copyOf(head, head.length + payload.length);
                System.arraycopy(payload, 0, encoding, head.length, payload.length);
                return encoding;
            }
        }
    }

    /** A digest as a bundle has it. */
    @SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
    record MessageDigest(HashAlgorithm algorithm, byte[] value) {}

    /**
     * An entry of a transparency log.
     *
     * @param logId which log
     * @param index its place in the log
     * @param kind what is logged, {@code hashedrekord}
     * @param kindVersion of which version
     * @param integratedTime when, in seconds; says something only with the promise
     * @param promise the log's signature over the entry, its place and time
     * @param proof that it is in the log's tree
     * @param body the entry
     */
    @SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
    record LogEntry(
            byte[] logId,
            long index,
            String kind,
            String kindVersion,
            long integratedTime,
            Optional<byte[]> promise,
            Optional<InclusionProof> proof,
            byte[] body) {}

    /**
     * Reads a bundle.
     *
     * @param json its bytes
     * @throws SignatureRejectedException when it is anything else
     */
    public static SigstoreBundle parse(byte[] json) throws SignatureRejectedException {
        if (json.length > MAX_LENGTH) {
            throw new SignatureRejectedException(
                    SignatureCheck.LENGTH, "the bundle has " + json.length + " bytes, limit " + MAX_LENGTH);
        }
        try {
            JsonCursor.Members members = JsonCursor.parse(json).object();
            String mediaType = members.required("mediaType").string();
            Optional<Version> version = Version.of(mediaType);
            if (version.isEmpty()) {
                throw new SignatureRejectedException(
                        SignatureCheck.MEDIA_TYPE,
                        "the bundle's media type is " + Quoted.text(mediaType)
                                + ", expected a sigstore bundle of v0.1, v0.2 or v0.3");
            }
            return read(version.get(), members);
        } catch (JsonException e) {
            throw new SignatureRejectedException(SignatureCheck.FORMAT, "the bundle: " + e.getMessage(), e);
        }
    }

    private static SigstoreBundle read(Version version, JsonCursor.Members members) throws JsonException {
        members.allowOnly("mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope");
        JsonCursor.Members material = members.required("verificationMaterial").object();
        material.allowOnly(
                "x509CertificateChain", "publicKey", "certificate", "tlogEntries", "timestampVerificationData");
        List<LogEntry> entries = new ArrayList<>();
        for (JsonCursor item : ProtoJson.items(material, "tlogEntries", MAX_WITNESSES)) {
            entries.add(entry(item.object()));
        }
        return new SigstoreBundle(
                version, material(version, material), entries, timestamps(material), content(members));
    }

    private static Material material(Version version, JsonCursor.Members members) throws JsonException {
        String name = oneOf(members, "x509CertificateChain", "publicKey", "certificate");
        JsonCursor written = members.required(name);
        return switch (name) {
            case "publicKey" -> {
                written.object().allowOnly("hint");
                yield new Material.PublicKey();
            }
            case "certificate" -> {
                if (version != Version.V0_3) {
                    throw written.refuse("a single certificate, expected a chain before v0.3");
                }
                yield new Material.Certificate(TrustedRoot.certificate(written));
            }
            default -> {
                if (version == Version.V0_3) {
                    throw written.refuse("a chain of certificates, expected a single one in v0.3");
                }
                yield new Material.Certificate(leaf(written));
            }
        };
    }

    private static X509Certificate leaf(JsonCursor written) throws JsonException {
        JsonCursor.Members chain = written.object();
        chain.allowOnly("certificates");
        List<X509Certificate> certificates = new ArrayList<>();
        for (JsonCursor item : ProtoJson.items(chain, "certificates", MAX_CHAIN)) {
            X509Certificate certificate = TrustedRoot.certificate(item);
            if (certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
                throw item.refuse("a root certificate, expected a chain without its root");
            }
            certificates.add(certificate);
        }
        if (certificates.isEmpty()) {
            throw written.refuse("the chain is empty");
        }
        return certificates.getFirst();
    }

    private static Content content(JsonCursor.Members members) throws JsonException {
        String name = oneOf(members, "messageSignature", "dsseEnvelope");
        JsonCursor.Members written = members.required(name).object();
        if (name.equals("dsseEnvelope")) {
            return envelope(written);
        }
        written.allowOnly("messageDigest", "signature");
        Optional<MessageDigest> digest = Optional.empty();
        Optional<JsonCursor> messageDigest = written.present("messageDigest");
        if (messageDigest.isPresent()) {
            JsonCursor.Members parts = messageDigest.get().object();
            parts.allowOnly("algorithm", "digest");
            digest = Optional.of(new MessageDigest(
                    HashAlgorithm.proto(parts.required("algorithm")),
                    ProtoJson.bytes(parts.required("digest"), MAX_DIGEST_LENGTH)));
        }
        return new Content.Message(digest, signature(written.required("signature")));
    }

    private static Content envelope(JsonCursor.Members written) throws JsonException {
        written.allowOnly("payload", "payloadType", "signatures");
        JsonCursor signatures = written.required("signatures");
        List<JsonCursor> items = signatures.array();
        if (items.size() != 1) {
            throw signatures.refuse(items.size() + " signatures, expected one");
        }
        JsonCursor.Members signature = items.getFirst().object();
        signature.allowOnly("sig", "keyid");
        return new Content.Envelope(
                written.required("payloadType").string(),
                ProtoJson.bytes(written.required("payload"), MAX_LENGTH),
                signature(signature.required("sig")));
    }

    private static byte[] signature(JsonCursor value) throws JsonException {
        return ProtoJson.bytes(value, MAX_SIGNATURE_LENGTH);
    }

    private static List<byte[]> timestamps(JsonCursor.Members material) throws JsonException {
        List<byte[]> timestamps = new ArrayList<>();
        Optional<JsonCursor> data = material.present("timestampVerificationData");
        if (data.isPresent()) {
            JsonCursor.Members members = data.get().object();
            members.allowOnly("rfc3161Timestamps");
            for (JsonCursor item : ProtoJson.items(members, "rfc3161Timestamps", MAX_WITNESSES)) {
                JsonCursor.Members timestamp = item.object();
                timestamp.allowOnly("signedTimestamp");
                timestamps.add(ProtoJson.bytes(timestamp.required("signedTimestamp"), MAX_TIMESTAMP_LENGTH));
            }
        }
        return timestamps;
    }

    private static LogEntry entry(JsonCursor.Members members) throws JsonException {
        members.allowOnly(
                "logIndex",
                "logId",
                "kindVersion",
                "integratedTime",
                "inclusionPromise",
                "inclusionProof",
                "canonicalizedBody");
        JsonCursor.Members logId = members.required("logId").object();
        logId.allowOnly("keyId");
        JsonCursor.Members kindVersion = members.required("kindVersion").object();
        kindVersion.allowOnly("kind", "version");
        Optional<byte[]> promise = Optional.empty();
        Optional<JsonCursor> written = members.present("inclusionPromise");
        if (written.isPresent()) {
            JsonCursor.Members promised = written.get().object();
            promised.allowOnly("signedEntryTimestamp");
            promise = Optional.of(signature(promised.required("signedEntryTimestamp")));
        }
        Optional<JsonCursor> proof = members.present("inclusionProof");
        return new LogEntry(
                ProtoJson.bytes(logId.required("keyId"), KEY_ID_LENGTH),
                count(members, "logIndex"),
                kindVersion.required("kind").string(),
                kindVersion.required("version").string(),
                count(members, "integratedTime"),
                promise,
                proof.isPresent() ? Optional.of(proof(proof.get().object())) : Optional.empty(),
                ProtoJson.bytes(members.required("canonicalizedBody"), MAX_LENGTH));
    }

    private static InclusionProof proof(JsonCursor.Members members) throws JsonException {
        members.allowOnly("logIndex", "rootHash", "treeSize", "hashes", "checkpoint");
        List<byte[]> hashes = new ArrayList<>();
        for (JsonCursor item : ProtoJson.items(members, "hashes", InclusionProof.MAX_HASHES)) {
            byte[] hash = ProtoJson.bytes(item, InclusionProof.HASH_LENGTH);
            if (hash.length != InclusionProof.HASH_LENGTH) {
                throw item.refuse(hash.length + " bytes, expected " + InclusionProof.HASH_LENGTH);
            }
            hashes.add(hash);
        }
        Optional<String> checkpoint = Optional.empty();
        Optional<JsonCursor> written = members.present("checkpoint");
        if (written.isPresent()) {
            JsonCursor.Members parts = written.get().object();
            parts.allowOnly("envelope");
            checkpoint = Optional.of(parts.required("envelope").string());
        }
        return new InclusionProof(
                count(members, "logIndex"),
                count(members, "treeSize"),
                ProtoJson.bytes(members.required("rootHash"), InclusionProof.HASH_LENGTH),
                hashes,
                checkpoint);
    }

    /** A count, which writers leave out where it is zero. */
    private static long count(JsonCursor.Members members, String name) throws JsonException {
        Optional<JsonCursor> value = members.present(name);
        return value.isPresent() ? ProtoJson.integer(value.get(), 0, Long.MAX_VALUE) : 0;
    }

    private static String oneOf(JsonCursor.Members members, String... names) throws JsonException {
        List<String> found = new ArrayList<>();
        for (String name : names) {
            if (members.present(name).isPresent()) {
                found.add(name);
            }
        }
        if (found.size() != 1) {
            throw new JsonException(
                    members.path(), "expected one of " + String.join(", ", names) + ", got " + found.size());
        }
        return found.getFirst();
    }

    /** Whether that is the media type of a bundle that we read. */
    public static boolean isMediaType(String mediaType) {
        return Version.of(mediaType).isPresent();
    }

    /** Whether it holds a statement in an envelope, and not the signature of an artifact. */
    public boolean holdsEnvelope() {
        return content instanceof Content.Envelope;
    }

    Version version() {
        return version;
    }

    Material material() {
        return material;
    }

    List<LogEntry> entries() {
        return entries;
    }

    /** Time stamps of RFC 3161, each a TimeStampResp in DER. */
    List<byte[]> timestamps() {
        return timestamps;
    }

    Content content() {
        return content;
    }
}
