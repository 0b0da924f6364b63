package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.policy.ImageName;
import dev.bulla.policy.Policy;
import dev.bulla.policy.PolicyEvaluator;
import dev.bulla.policy.PolicyRejectedException;
import dev.bulla.policy.PolicySubject;
import dev.bulla.policy.SignatureSource;
import dev.bulla.policy.StoredSignature;
import dev.bulla.policy.time.TrustedTime;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles that cosign stores beside an image in Debian's docker-registry, made offline with a key, are judged. */
@Tag("peer")
class CosignBundlePeerTest {
    private static final byte[] CONFIG =
            "{\"architecture\":\"amd64\",\"os\":\"linux\"}".getBytes(StandardCharsets.UTF_8);
    private static final String SLSA = "https://slsa.dev/provenance/v0.2";
    private static final String IMAGE_SIGNATURE = "https://sigstore.dev/cosign/sign/v1";

    @TempDir
    private Path folder = Path.of("set by the test engine");

    private final HttpClient client = HttpClient.newHttpClient();

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private byte[] get(String address, String mediaType) throws Exception {
        HttpResponse<byte[]> response =
                send(HttpRequest.newBuilder(URI.create(address)).header("Accept", mediaType));
        assertThat(response.statusCode()).as(address).isEqualTo(200);
        return response.body();
    }

    /** Pushes an image without layers; its manifest. */
    private byte[] push(String repository) throws Exception {
        Digest config = Digest.Algorithm.SHA256.of(CONFIG);
        HttpResponse<byte[]> upload = send(HttpRequest.newBuilder(URI.create(repository + "/blobs/uploads/"))
                .POST(HttpRequest.BodyPublishers.noBody()));
        String location = upload.headers().firstValue("Location").orElseThrow();
        HttpResponse<byte[]> blob = send(
                HttpRequest.newBuilder(URI.create(location + (location.contains("?") ? "&" : "?") + "digest=" + config))
                        .header("Content-Type", "application/octet-stream")
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(CONFIG)));
        assertThat(blob.statusCode()).isEqualTo(201);
        byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST
                        + "\",\"config\":{\"mediaType\":"
                        + "\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" + config + "\",\"size\":"
                        + CONFIG.length + "},\"layers\":[]}")
                .getBytes(StandardCharsets.UTF_8);
        HttpResponse<byte[]> pushed = send(HttpRequest.newBuilder(URI.create(repository + "/manifests/1"))
                .header("Content-Type", MediaTypes.OCI_MANIFEST)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(manifest)));
        assertThat(pushed.statusCode()).isEqualTo(201);
        return manifest;
    }

    /** The layers of whatever refers to a manifest, by the fallback tag of a registry without the referrers API. */
    private List<StoredSignature> bundles(String repository, Digest manifest) throws Exception {
        List<StoredSignature> bundles = new ArrayList<>();
        byte[] index = get(repository + "/manifests/sha256-" + manifest.hex(), MediaTypes.OCI_INDEX);
        for (JsonCursor item :
                JsonCursor.parse(index).object().required("manifests").array()) {
            String digest = item.object().required("digest").string();
            byte[] referrer = get(repository + "/manifests/" + digest, MediaTypes.OCI_MANIFEST);
            for (JsonCursor layer :
                    JsonCursor.parse(referrer).object().required("layers").array()) {
                JsonCursor.Members members = layer.object();
                bundles.add(new StoredSignature(
                        StoredSignature.Kind.SIGSTORE_BUNDLE,
                        members.required("mediaType").string(),
                        get(repository + "/blobs/" + members.required("digest").string(), "*/*"),
                        Map.of()));
            }
        }
        return bundles;
    }

    private boolean accepted(String requirement, byte[] manifest, List<StoredSignature> bundles) throws Exception {
        String policy = ("{'default':[" + requirement + "],'bulla':{'version':1,'matrix':"
                        + "{'unencryptedUnsigned':{'allow':true}}}}")
                .replace('\'', '"');
        Descriptor descriptor =
                Descriptor.of(MediaTypes.OCI_MANIFEST, Digest.Algorithm.SHA256.of(manifest), manifest.length);
        PolicySubject subject = new PolicySubject(
                new ImageName.Registry(ImageReference.parse("registry.example/app:1")),
                descriptor,
                Optional.empty(),
                Optional.of(Digest.Algorithm.SHA256.of(CONFIG)),
                List.of(),
                Map.of());
        SignatureSource source =
                (kind, digest) -> kind == StoredSignature.Kind.SIGSTORE_BUNDLE && digest.equals(descriptor.digest())
                        ? bundles
                        : List.of();
        Instant build = Instant.parse("2026-01-01T00:00:00Z");
        PolicyEvaluator evaluator = new PolicyEvaluator(
                Policy.parse(policy.getBytes(StandardCharsets.UTF_8), "test"),
                (uri, limit) -> {
                    throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there are none");
                },
                new TrustedTime(build, () -> build));
        try {
            evaluator.evaluate(subject, source);
            return true;
        } catch (PolicyRejectedException e) {
            return false;
        }
    }

    private String key(String name) throws Exception {
        return "'keyData':'" + Base64.getEncoder().encodeToString(Files.readAllBytes(folder.resolve(name))) + "'";
    }

    private String imageSignature(String name) throws Exception {
        return "{'type':'sigstoreBundle'," + key(name) + ",'signedIdentity':{'type':'matchDigestOnly'}}";
    }

    private String provenance(String builder) throws Exception {
        return "{'type':'attestation'," + key("cosign.pub") + ",'predicateType':'" + SLSA + "','slsa':{'builderId':'"
                + builder + "','sourceUri':'https://forge.example/a','sourceRef':'refs/heads/main',"
                + "'sourceDigest':'abc'}}";
    }

    private void cosign(Path cosign, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(cosign.toString()));
        command.addAll(List.of(words));
        ProgramRun.of(folder, Map.of("COSIGN_PASSWORD", "", "HOME", folder.toString()), command)
                .succeeded();
    }

    private void makeKeys(Path cosign) throws Exception {
        cosign(cosign, "generate-key-pair", "--output-key-prefix", "other");
        cosign(cosign, "generate-key-pair");
    }

    @Test
    void attest_withNewBundleFormat_isAnAttestationAndOnlyWithItsTypeASignature() throws Exception {
        Path cosign = Peers.find("cosign", "cosign (of trixie)");
        try (DockerRegistry registry = DockerRegistry.startOpen(folder)) {
            makeKeys(cosign);
            String repository = "http://" + registry.host() + "/v2/app";
            byte[] manifest = push(repository);
            Digest digest = Digest.Algorithm.SHA256.of(manifest);
            Files.writeString(
                    folder.resolve("provenance.json"),
                    "{\"builder\":{\"id\":\"builder\"},\"buildType\":\"t\",\"invocation\":{\"configSource\":{\"uri\":"
                            + "\"git+https://forge.example/a@refs/heads/main\",\"digest\":{\"sha1\":\"abc\"}}}}");
            attest(cosign, registry, digest, "slsaprovenance02", "provenance.json");
            List<StoredSignature> attested = bundles(repository, digest);
            assertThat(attested).hasSize(1);
            assertThat(accepted(provenance("builder"), manifest, attested)).isTrue();
            assertThat(accepted(provenance("other"), manifest, attested)).isFalse();
            assertThat(accepted(imageSignature("cosign.pub"), manifest, attested))
                    .isFalse();
            Files.writeString(folder.resolve("empty.json"), "{}");
            attest(cosign, registry, digest, IMAGE_SIGNATURE, "empty.json");
            List<StoredSignature> both = bundles(repository, digest);
            assertThat(accepted(imageSignature("cosign.pub"), manifest, both)).isTrue();
            assertThat(accepted(imageSignature("other.pub"), manifest, both)).isFalse();
            assertThat(accepted(imageSignature("cosign.pub"), CONFIG, both)).isFalse();
        }
    }

    private void attest(Path cosign, DockerRegistry registry, Digest digest, String type, String predicate)
            throws Exception {
        cosign(
                cosign,
                "attest",
                "--new-bundle-format",
                "--key",
                "cosign.key",
                "--tlog-upload=false",
                "--type",
                type,
                "--predicate",
                predicate,
                "--yes",
                registry.host() + "/app@" + digest);
    }

    @Test
    void sign_byCosign3_isASignature() throws Exception {
        Path cosign = Peers.findOptional("cosign3", "sigstore/cosign v3, built from its source");
        try (DockerRegistry registry = DockerRegistry.startOpen(folder)) {
            makeKeys(cosign);
            String repository = "http://" + registry.host() + "/v2/app";
            byte[] manifest = push(repository);
            Digest digest = Digest.Algorithm.SHA256.of(manifest);
            Files.writeString(
                    folder.resolve("signing.json"),
                    "{\"mediaType\":\"application/vnd.dev.sigstore.signingconfig.v0.2+json\"}");
            cosign(
                    cosign,
                    "sign",
                    "--key",
                    "cosign.key",
                    "--signing-config",
                    "signing.json",
                    "--yes",
                    registry.host() + "/app@" + digest);
            List<StoredSignature> signed = bundles(repository, digest);
            assertThat(accepted(imageSignature("cosign.pub"), manifest, signed)).isTrue();
            assertThat(accepted(imageSignature("other.pub"), manifest, signed)).isFalse();
        }
    }
}
