package dev.bulla.policy.bundle;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * The logs and authorities of one instance of sigstore, as a client trusts them. Spec: sigstore/protobuf-specs,
 * {@code sigstore_trustroot.proto}, media type v0.1; the public instance's is a file like any other.
 */
public final class TrustedRoot {
    /** The most bytes of the file. */
    public static final int MAX_LENGTH = 256 * 1024;

    /** The most logs or authorities of one kind. */
    public static final int MAX_INSTANCES = 64;

    /** The most certificates of one authority. */
    public static final int MAX_CHAIN = 8;

    private static final String MEDIA_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";
    private static final int KEY_ID_LENGTH = 32;
    private static final int MAX_KEY_LENGTH = 8 * 1024;

    private final List<TransparencyLog> logs;
    private final List<TransparencyLog> certificateLogs;
    private final List<CertificateAuthority> certificateAuthorities;
    private final List<CertificateAuthority> timestampAuthorities;

    private TrustedRoot(
            List<TransparencyLog> logs,
            List<TransparencyLog> certificateLogs,
            List<CertificateAuthority> certificateAuthorities,
            List<CertificateAuthority> timestampAuthorities) {
        this.logs = List.copyOf(logs);
        this.certificateLogs = List.copyOf(certificateLogs);
        this.certificateAuthorities = List.copyOf(certificateAuthorities);
        this.timestampAuthorities = List.copyOf(timestampAuthorities);
    }

    /**
     * A log of signatures (Rekor) or of certificates.
     *
     * @param name its address without the scheme, which is the name it signs notes under
     * @param keyId the id that entries and SCTs name it by
     * @param hint the first bytes of the id that its notes name it by
     * @param key its key; empty where it is of a kind that we do not verify, and then nothing of it is
     * @param validity when the key was in use
     */
    @SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
    record TransparencyLog(String name, byte[] keyId, byte[] hint, Optional<SignatureKey> key, Validity validity) {

        boolean hasId(byte[] id) {
            return Arrays.equals(keyId, id);
        }

        /** Requires that its key was in use then. */
        void requireValid(Instant instant) throws SignatureRejectedException {
            if (!validity.contains(instant)) {
                throw new SignatureRejectedException(
                        SignatureCheck.LOG, "the log " + name + " was in use " + validity + ", not at " + instant);
            }
        }
    }

    /**
     * A Fulcio or a time-stamping authority.
     *
     * @param chain its certificates, the root last
     * @param validity when it was in use
     */
    record CertificateAuthority(List<X509Certificate> chain, Validity validity) {
        CertificateAuthority {
            chain = List.copyOf(chain);
        }

        X509Certificate root() {
            return chain.getLast();
        }

        List<X509Certificate> belowRoot() {
            return chain.subList(0, chain.size() - 1);
        }
    }

    /**
     * Reads a trusted root.
     *
     * @param json the file
     * @param origin where it came from, for messages
     * @throws KeyMaterialException when it is anything else
     */
    public static TrustedRoot parse(byte[] json, String origin) throws KeyMaterialException {
        if (json.length > MAX_LENGTH) {
            throw new KeyMaterialException(
                    "the trusted root " + Quoted.text(origin) + ": " + json.length + " bytes, limit " + MAX_LENGTH);
        }
        try {
            return read(JsonCursor.parse(json).object());
        } catch (JsonException e) {
            throw new KeyMaterialException("the trusted root " + Quoted.text(origin) + ": " + e.getMessage(), e);
        }
    }

    private static TrustedRoot read(JsonCursor.Members members) throws JsonException {
        members.allowOnly("mediaType", "tlogs", "certificateAuthorities", "ctlogs", "timestampAuthorities");
        JsonCursor mediaType = members.required("mediaType");
        if (!mediaType.string().equals(MEDIA_TYPE)) {
            throw mediaType.refuse("got " + Quoted.text(mediaType.string()) + ", expected " + MEDIA_TYPE);
        }
        return new TrustedRoot(
                logs(members, "tlogs"),
                logs(members, "ctlogs"),
                authorities(members, "certificateAuthorities"),
                authorities(members, "timestampAuthorities"));
    }

    private static List<TransparencyLog> logs(JsonCursor.Members members, String name) throws JsonException {
        List<TransparencyLog> logs = new ArrayList<>();
        for (JsonCursor item : ProtoJson.items(members, name, MAX_INSTANCES)) {
            logs.add(log(item.object()));
        }
        return logs;
    }

    private static TransparencyLog log(JsonCursor.Members members) throws JsonException {
        members.allowOnly("baseUrl", "hashAlgorithm", "publicKey", "logId", "checkpointKeyId", "operator");
        JsonCursor.Members publicKey = members.required("publicKey").object();
        publicKey.allowOnly("rawBytes", "keyDetails", "validFor");
        byte[] keyId = keyId(members.required("logId"));
        Optional<JsonCursor> checkpointKeyId = members.present("checkpointKeyId");
        byte[] noteId = checkpointKeyId.isPresent() ? keyId(checkpointKeyId.get()) : keyId;
        String baseUrl = members.required("baseUrl").string();
        return new TransparencyLog(
                baseUrl.replaceFirst("^[a-z]+://", "").replaceFirst("/+$", ""),
                keyId,
                Arrays.copyOf(noteId, SignedNote.HINT_LENGTH),
                key(ProtoJson.bytes(publicKey.required("rawBytes"), MAX_KEY_LENGTH), baseUrl),
                Validity.parse(publicKey.required("validFor")));
    }

    private static byte[] keyId(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("keyId");
        JsonCursor keyId = members.required("keyId");
        byte[] bytes = ProtoJson.bytes(keyId, KEY_ID_LENGTH);
        if (bytes.length < SignedNote.HINT_LENGTH) {
            throw keyId.refuse("a key id of " + bytes.length + " bytes, expected up to " + KEY_ID_LENGTH);
        }
        return bytes;
    }

    /** The key, in SubjectPublicKeyInfo or (old logs of certificates) in PKCS #1. */
    private static Optional<SignatureKey> key(byte[] bytes, String origin) {
        try {
            return Optional.of(SignatureKey.of(bytes, origin));
        } catch (KeyMaterialException e) {
            // perhaps PKCS #1; else a root may name keys of the future, and what they sign is then not verified
        }
        try {
            AlgorithmIdentifier rsa = new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
            return Optional.of(SignatureKey.of(
                    new SubjectPublicKeyInfo(rsa, RSAPublicKey.getInstance(bytes)).getEncoded(), origin));
        } catch (KeyMaterialException | IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static List<CertificateAuthority> authorities(JsonCursor.Members members, String name)
            throws JsonException {
        List<CertificateAuthority> authorities = new ArrayList<>();
        for (JsonCursor item : ProtoJson.items(members, name, MAX_INSTANCES)) {
            authorities.add(authority(item.object()));
        }
        return authorities;
    }

    private static CertificateAuthority authority(JsonCursor.Members members) throws JsonException {
        members.allowOnly("subject", "uri", "certChain", "validFor", "operator");
        JsonCursor.Members chain = members.required("certChain").object();
        chain.allowOnly("certificates");
        JsonCursor written = chain.required("certificates");
        List<X509Certificate> certificates = new ArrayList<>();
        for (JsonCursor item : ProtoJson.items(written, MAX_CHAIN)) {
            certificates.add(certificate(item));
        }
        if (certificates.isEmpty()) {
            throw written.refuse("the list is empty, expected at least a root");
        }
        return new CertificateAuthority(certificates, Validity.parse(members.required("validFor")));
    }

    /** A certificate of the form {@code {"rawBytes": DER}}. */
    static X509Certificate certificate(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("rawBytes");
        JsonCursor rawBytes = members.required("rawBytes");
        try {
            return Certificates.der(ProtoJson.bytes(rawBytes, Certificates.MAX_LENGTH));
        } catch (CertificateException e) {
            throw rawBytes.refuse("no certificate: " + Quoted.text(String.valueOf(e.getMessage())));
        }
    }

    List<TransparencyLog> logs() {
        return logs;
    }

    List<TransparencyLog> certificateLogs() {
        return certificateLogs;
    }

    List<CertificateAuthority> certificateAuthorities() {
        return certificateAuthorities;
    }

    List<CertificateAuthority> timestampAuthorities() {
        return timestampAuthorities;
    }

    /** How much it trusts. */
    @Override
    public String toString() {
        return logs.size() + " logs, " + certificateLogs.size() + " certificate logs, "
                + certificateAuthorities.size() + " certificate authorities, " + timestampAuthorities.size()
                + " time-stamping authorities";
    }
}
