package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.policy.Decision;
import dev.bulla.policy.ImageName;
import dev.bulla.policy.Policy;
import dev.bulla.policy.PolicyEvaluator;
import dev.bulla.policy.PolicyRejectedException;
import dev.bulla.policy.PolicySubject;
import dev.bulla.policy.SignatureSource;
import dev.bulla.policy.StoredSignature;
import dev.bulla.policy.time.TrustedTime;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What notation signed in a registry, judged by notation and by us under the same trust policy. */
@Tag("peer")
class NotationPeerTest {
    /** Valid whatever the machine's clock says, which notation asks. */
    private static final Instant FROM = Instant.parse("1971-01-01T00:00:00Z");

    private static final Instant TO = Instant.parse("2999-01-01T00:00:00Z");
    private static final Instant BUILD = Instant.parse("2026-01-01T00:00:00Z");

    private static final String ARTIFACT_TYPE = "application/vnd.cncf.notary.signature";
    private static final String IDENTITY = "x509.subject: C=US, ST=WA, O=acme";

    @TempDir
    private Path folder;

    private Path notation = Path.of("notation");
    private Optional<DockerRegistry> running = Optional.empty();
    private final HttpClient http = HttpClient.newHttpClient();
    private byte[] manifest = new byte[0];
    private Descriptor descriptor = Descriptor.of(MediaTypes.OCI_MANIFEST, Digest.Algorithm.SHA256.of(manifest), 0);

    private record Authority(KeyPair keys, X509Certificate certificate) {}

    @BeforeEach
    void makeImage() throws Exception {
        notation = Peers.findOptional("notation", "github.com/notaryproject/notation (go build ./cmd/notation)");
        running = Optional.of(DockerRegistry.startOpen(folder));
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        push(config);
        manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"config\":{\"mediaType\":"
                        + "\"application/vnd.oci.image.config.v1+json\",\"digest\":\""
                        + Digest.Algorithm.SHA256.of(config) + "\",\"size\":2},\"layers\":[]}")
                .getBytes(StandardCharsets.UTF_8);
        descriptor = Descriptor.of(MediaTypes.OCI_MANIFEST, Digest.Algorithm.SHA256.of(manifest), manifest.length);
        assertThat(send(HttpRequest.newBuilder(api("manifests/" + descriptor.digest()))
                                .header("Content-Type", MediaTypes.OCI_MANIFEST)
                                .PUT(HttpRequest.BodyPublishers.ofByteArray(manifest)))
                        .statusCode())
                .isEqualTo(201);
        Authority root = authority("C=US,O=acme,CN=root");
        Authority other = authority("C=US,O=other,CN=root");
        Files.writeString(
                Files.createDirectories(store("acme")).resolve("root.pem"),
                pem("CERTIFICATE", root.certificate().getEncoded()));
        Files.writeString(
                Files.createDirectories(store("other")).resolve("root.pem"),
                pem("CERTIFICATE", other.certificate().getEncoded()));
        KeyPair keys = keys();
        X509Certificate leaf =
                certificate("C=US,ST=WA,O=acme,CN=signer", keys, root, Optional.empty(), KeyUsage.digitalSignature);
        Files.writeString(
                folder.resolve("leaf.key"), pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        Files.writeString(
                folder.resolve("leaf.crt"),
                pem("CERTIFICATE", leaf.getEncoded())
                        + pem("CERTIFICATE", root.certificate().getEncoded()));
        Files.writeString(
                configuration().resolve("signingkeys.json"),
                "{\"default\":\"acme\",\"keys\":[{\"name\":\"acme\",\"keyPath\":\"" + folder.resolve("leaf.key")
                        + "\",\"certPath\":\"" + folder.resolve("leaf.crt") + "\"}]}");
    }

    @AfterEach
    void stop() {
        running.ifPresent(DockerRegistry::close);
    }

    private Path configuration() {
        return folder.resolve("config/notation");
    }

    private Path store(String name) {
        return configuration().resolve("truststore/x509/ca").resolve(name);
    }

    private static KeyPair keys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp384r1"));
        return generator.generateKeyPair();
    }

    private static Authority authority(String subject) throws Exception {
        KeyPair keys = keys();
        return new Authority(
                keys,
                certificate(
                        subject,
                        keys,
                        new Authority(keys, placeholder(subject, keys)),
                        Optional.of(new BasicConstraints(true)),
                        KeyUsage.keyCertSign | KeyUsage.cRLSign));
    }

    private static X509Certificate placeholder(String subject, KeyPair keys) throws Exception {
        return build(new X500Name(subject), new X500Name(subject), keys, keys, Optional.empty(), KeyUsage.keyCertSign);
    }

    private static X509Certificate certificate(
            String subject, KeyPair keys, Authority issuer, Optional<BasicConstraints> constraints, int usage)
            throws Exception {
        return build(
                X500Name.getInstance(
                        issuer.certificate().getSubjectX500Principal().getEncoded()),
                new X500Name(subject),
                keys,
                issuer.keys(),
                constraints,
                usage);
    }

    private static X509Certificate build(
            X500Name issuer,
            X500Name subject,
            KeyPair keys,
            KeyPair signer,
            Optional<BasicConstraints> constraints,
            int usage)
            throws Exception {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer,
                BigInteger.valueOf(keys.getPublic().hashCode() & 0xffffffL).add(BigInteger.ONE),
                Date.from(FROM),
                Date.from(TO),
                subject,
                keys.getPublic());
        if (constraints.isPresent()) {
            builder.addExtension(Extension.basicConstraints, true, constraints.get());
        }
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA384withECDSA").build(signer.getPrivate())));
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    // The registry.

    private String host() {
        return running.orElseThrow().host();
    }

    private URI api(String path) {
        return URI.create("http://" + host() + "/v2/app/" + path);
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private void push(byte[] blob) throws Exception {
        HttpResponse<byte[]> begun =
                send(HttpRequest.newBuilder(api("blobs/uploads/")).POST(HttpRequest.BodyPublishers.noBody()));
        URI location = api("blobs/uploads/")
                .resolve(begun.headers().firstValue("Location").orElseThrow());
        URI whole = URI.create(
                location + (location.getQuery() == null ? "?" : "&") + "digest=" + Digest.Algorithm.SHA256.of(blob));
        assertThat(send(HttpRequest.newBuilder(whole).PUT(HttpRequest.BodyPublishers.ofByteArray(blob)))
                        .statusCode())
                .isEqualTo(201);
    }

    private JsonCursor.Members manifest(String reference) throws Exception {
        HttpResponse<byte[]> response = send(HttpRequest.newBuilder(api("manifests/" + reference))
                .header("Accept", MediaTypes.OCI_MANIFEST + "," + MediaTypes.OCI_INDEX));
        assertThat(response.statusCode()).isEqualTo(200);
        return JsonCursor.parse(response.body()).object();
    }

    /** The envelopes that notation attached to the image, by the referrers tag. */
    private List<StoredSignature> signatures() throws Exception {
        List<StoredSignature> found = new ArrayList<>();
        JsonCursor.Members index = manifest(descriptor.digest().toString().replace(':', '-'));
        for (JsonCursor entry : index.required("manifests").array()) {
            assertThat(entry.object().required("artifactType").string()).isEqualTo(ARTIFACT_TYPE);
            List<JsonCursor> layers = manifest(entry.object().required("digest").string())
                    .required("layers")
                    .array();
            assertThat(layers).hasSize(1);
            Descriptor layer = Descriptor.read(layers.getFirst());
            byte[] envelope =
                    send(HttpRequest.newBuilder(api("blobs/" + layer.digest()))).body();
            assertThat(Digest.Algorithm.SHA256.of(envelope)).isEqualTo(layer.digest());
            found.add(new StoredSignature(StoredSignature.Kind.NOTATION, layer.mediaType(), envelope, Map.of()));
        }
        return found;
    }

    // The two verifiers.

    private ProgramRun notation(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(notation.toString()));
        command.addAll(List.of(arguments));
        return ProgramRun.of(
                folder,
                Map.of("XDG_CONFIG_HOME", folder.resolve("config").toString(), "HOME", folder.toString()),
                command);
    }

    private String reference() {
        return host() + "/app@" + descriptor.digest();
    }

    private Path trustPolicy(String scope, String level, String store, String identity) throws IOException {
        return Files.writeString(
                configuration().resolve("trustpolicy.json"),
                "{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"the-one\",\"registryScopes\":[\"" + scope
                        + "\"],\"signatureVerification\":{\"level\":\"" + level + "\"},\"trustStores\":[\"ca:" + store
                        + "\"],\"trustedIdentities\":[\"" + identity + "\"]}]}");
    }

    private Decision decide(Path trustPolicy) throws Exception {
        Policy policy = Policy.parse(
                ("{\"default\":[{\"type\":\"notationSigned\",\"trustPolicyPath\":\"" + trustPolicy
                                + "\",\"trustStores\":{\"ca:acme\":{\"certPath\":\""
                                + store("acme").resolve("root.pem") + "\"},\"ca:other\":{\"certPath\":\""
                                + store("other").resolve("root.pem") + "\"}}}]}")
                        .getBytes(StandardCharsets.UTF_8),
                "test");
        ResourceSource files = (uri, limit) -> {
            try {
                return Files.readAllBytes(Path.of(uri));
            } catch (IOException e) {
                throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "not readable", e);
            }
        };
        List<StoredSignature> signatures = signatures();
        SignatureSource source = (kind, digest) ->
                kind == StoredSignature.Kind.NOTATION && digest.equals(descriptor.digest()) ? signatures : List.of();
        PolicySubject subject = new PolicySubject(
                new ImageName.Registry(ImageReference.parse(reference())),
                descriptor,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Map.of());
        try {
            return new PolicyEvaluator(policy, files, new TrustedTime(BUILD, () -> BUILD))
                    .evaluate(subject, source)
                    .afterKeys(List.of());
        } catch (PolicyRejectedException e) {
            return e.decision();
        }
    }

    private void agree(boolean good, String reason, Path trustPolicy) throws Exception {
        ProgramRun run = notation("verify", "--insecure-registry", reference());
        assertThat(run.exit() == 0).as("%s", run).isEqualTo(good);
        Decision decision = decide(trustPolicy);
        assertThat(decision.outcome()).as(decision.reason()).isEqualTo(good ? "accept" : "reject");
        assertThat(decision.reason()).contains(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jws", "cose"})
    void verify_whatNotationSigned_weAgree(String format) throws Exception {
        ProgramRun signed = notation(
                "sign", "--insecure-registry", "--signature-format", format, "--user-metadata", "build=7", reference());
        assertThat(signed.exit()).as("%s", signed).isZero();
        assertThat(signatures())
                .singleElement()
                .satisfies(signature -> assertThat(signature.mediaType())
                        .isEqualTo(format.equals("jws") ? "application/jose+json" : "application/cose"));
        String scope = host() + "/app";

        agree(true, "CN=signer", trustPolicy(scope, "strict", "acme", IDENTITY));
        agree(true, "level strict", trustPolicy("*", "strict", "acme", "*"));
        agree(true, "level permissive", trustPolicy("*", "permissive", "acme", "*"));
        agree(false, "none of the trusted identities", trustPolicy(scope, "strict", "acme", IDENTITY + ", CN=other"));
        agree(false, "trusted certificates", trustPolicy(scope, "strict", "other", IDENTITY));
        agree(false, "has none for this image", trustPolicy(scope + "/sub", "strict", "acme", IDENTITY));

        // notation lets audit pass; so does the requirement, but the image does not count as signed
        Path audit = trustPolicy(scope, "audit", "other", IDENTITY);
        assertThat(notation("verify", "--insecure-registry", reference()).exit())
                .isZero();
        assertThat(decide(audit).reason()).contains("matrix: no requirement that the image met is cryptographic");
    }
}
