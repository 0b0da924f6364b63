package dev.bulla.provision.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.guest.store.ImageRecords;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.provision.LayoutWriter;
import dev.bulla.provision.mapping.MappingVector;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.LayoutSource;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Seals that we make, on their way through our pull. */
class SealCommandTest {
    private static final String NO_SEAL = "";

    @TempDir
    private Path folder = Path.of("set by the test engine");

    private int stores;
    private MappingVector image = vector("run-is-emptied");

    private static MappingVector vector(String name) {
        return MappingVector.all().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @BeforeEach
    void writeImage() throws Exception {
        image.write(folder.resolve("plain"), "t");
        key("one");
        key("other");
    }

    private void key(String name) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        X500Name subject = new X500Name("CN=" + name);
        byte[] certificate = new JcaX509v3CertificateBuilder(
                        subject,
                        BigInteger.ONE,
                        Date.from(Instant.parse("2026-01-01T00:00:00Z")),
                        Date.from(Instant.parse("2046-01-01T00:00:00Z")),
                        subject,
                        pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        write(name + ".key", "PRIVATE KEY", pair.getPrivate().getEncoded());
        write(name + ".crt", "CERTIFICATE", certificate);
    }

    private void write(String file, String label, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(
                folder.resolve(file), "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n");
    }

    private int run(String... words) {
        String[] filled = new String[words.length];
        for (int i = 0; i < words.length; i++) {
            filled[i] = words[i].replace("DIR", folder.toString());
        }
        return Main.run(filled);
    }

    /** Pulls into a new store; the record comes back, or what the pull ended with. */
    private Pulled pull(String layout, String seals, String... more) throws Exception {
        String rules =
                seals.isEmpty() ? "" : ",\"seals\":{\"default\":" + seals.replace("DIR", folder.toString()) + "}";
        Files.writeString(
                folder.resolve("policy.json"),
                "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],\"bulla\":{\"version\":1,\"matrix\":"
                        + "{\"unencryptedUnsigned\":{\"allow\":true}}" + rules + "}}");
        Path store = folder.resolve("store" + stores++);
        String[] words = Stream.concat(
                        Stream.of(
                                "pull",
                                "oci:DIR/" + layout,
                                "--policy",
                                "DIR/policy.json",
                                "--store",
                                store.toString(),
                                "--progress",
                                "none"),
                        Stream.of(more))
                .toArray(String[]::new);
        int exit = run(words);
        return new Pulled(exit, store);
    }

    private record Pulled(int exit, Path store) {
        JsonCursor.Members record() throws Exception {
            assertThat(exit).isZero();
            return new ImageRecords(store).all().getFirst().object();
        }

        String composefs(String member) throws Exception {
            return record().required("composefs").object().required(member).string();
        }

        String seals() throws Exception {
            return JsonWriter.compact(record().required("seals").value());
        }
    }

    private String digest(String mapping) {
        return image.digests().getOrDefault(mapping, "");
    }

    private Manifest manifest(String layout, String tag) throws Exception {
        try (LayoutSource source = LayoutSource.open(folder.resolve(layout))) {
            FetchedManifest fetched = source.fetchByTag(tag);
            return (Manifest) ManifestOrIndex.parse(fetched.bytes(), fetched.mediaType());
        }
    }

    @Test
    void inline_unsigned_isCheckedOnPullAndChangesNothing() throws Exception {
        assertThat(run("seal", "oci:DIR/plain:t", "oci:DIR/sealed:s")).isZero();
        Manifest sealed = manifest("sealed", "s");
        assertThat(sealed.annotations())
                .containsEntry(
                        "composefs.merged.erofs.v1.fsverity-sha256-12", digest("canonical/allowlist-only/nanoseconds"))
                .hasSize(1);
        assertThat(sealed.config().annotations()).containsOnlyKeys("composefs.config.fsverity-sha256-12");
        assertThat(sealed.layers().getFirst().annotations())
                .containsOnlyKeys("composefs.layer.erofs.v1.fsverity-sha256-12");
        assertThat(sealed.layers().getFirst().digest())
                .isEqualTo(manifest("plain", "t").layers().getFirst().digest());

        Pulled pulled = pull("sealed:s", NO_SEAL);
        assertThat(pulled.composefs("mapping")).isEqualTo("faithful");
        assertThat(pulled.composefs("digest")).isEqualTo(digest("faithful"));
        assertThat(pulled.seals())
                .contains("\"mapping\":\"canonical/allowlist-only/nanoseconds\"")
                .contains("\"runEntries\":2,\"run\":[\"run/lock\",\"run/secret\"]");
    }

    @Test
    void inline_requiredByDigest_mountsTheCanonicalImage() throws Exception {
        assertThat(run("seal", "oci:DIR/plain:t", "oci:DIR/sealed:s")).isZero();
        Pulled pulled = pull("sealed:s", "{\"require\":\"digest\",\"mapping\":\"canonical\"}");
        assertThat(pulled.composefs("mapping")).isEqualTo("canonical/allowlist-only/nanoseconds");
        assertThat(pulled.composefs("digest")).isEqualTo(digest("canonical/allowlist-only/nanoseconds"));
    }

    @Test
    void inline_anotherMappingThanRequired_isRefusedByPolicy() throws Exception {
        assertThat(run("seal", "oci:DIR/plain:t", "oci:DIR/sealed:s")).isZero();
        assertThat(pull("sealed:s", "{\"require\":\"digest\",\"mapping\":\"faithful\"}").exit)
                .isEqualTo(3);
    }

    @Test
    void inline_faithful_isFoundAndMounted() throws Exception {
        assertThat(run("seal", "--mapping", "faithful", "oci:DIR/plain:t", "oci:DIR/sealed:s"))
                .isZero();
        Pulled pulled = pull("sealed:s", "{\"require\":\"digest\",\"mapping\":\"faithful\"}");
        assertThat(pulled.composefs("digest")).isEqualTo(digest("faithful"));
    }

    @Test
    void inline_keptUserXattrs_areFound() throws Exception {
        image = vector("xattrs");
        image.write(folder.resolve("xattrs"), "t");
        assertThat(run("seal", "--xattrs", "keep-user-xattrs", "oci:DIR/xattrs:t"))
                .isZero();
        Pulled pulled = pull("xattrs:t", "{\"require\":\"digest\"}");
        assertThat(pulled.composefs("mapping")).isEqualTo("canonical/keep-user-xattrs/nanoseconds");
        assertThat(pulled.composefs("digest")).isEqualTo(digest("canonical/keep-user-xattrs/nanoseconds"));
    }

    @Test
    void inline_signed_meetsARequiredSignature() throws Exception {
        assertThat(run("seal", "--key", "DIR/one.key", "--cert", "DIR/one.crt", "oci:DIR/plain:t", "oci:DIR/sealed:s"))
                .isZero();
        String one = "{\"require\":\"signature\",\"certificatePath\":\"DIR/one.crt\"}";
        Pulled pulled = pull("sealed:s", one);
        assertThat(pulled.seals()).contains("\"signed\":true").doesNotContain("\"signed\":false");
        assertThat(pull("sealed:s", one.replace("one", "other")).exit).isEqualTo(3);
        assertThat(pull("sealed:s", NO_SEAL).seals()).contains("policy names nobody to trust");
    }

    @Test
    void none_required_isRefusedByPolicyBeforeLayersAreFetched() throws Exception {
        Descriptor layer = manifest("plain", "t").layers().getFirst();
        Files.delete(folder.resolve("plain/blobs/sha256").resolve(layer.digest().hex()));
        assertThat(pull("plain:t", "{\"require\":\"digest\"}").exit).isEqualTo(3);
    }

    @Test
    void unsigned_requiredSignature_isRefusedByPolicy() throws Exception {
        assertThat(run("seal", "oci:DIR/plain:t")).isZero();
        assertThat(pull("plain:t", "{\"require\":\"signature\",\"certificatePath\":\"DIR/one.crt\"}").exit)
                .isEqualTo(3);
    }

    private void forge(String layout, String tag, String from, String to) throws Exception {
        try (LayoutSource source = LayoutSource.open(folder.resolve(layout));
                LayoutWriter writer = LayoutWriter.open(folder.resolve(layout))) {
            FetchedManifest fetched = source.fetchByTag(tag);
            String text = new String(fetched.bytes(), StandardCharsets.UTF_8);
            assertThat(text).contains(from);
            writer.putManifest(
                    fetched.mediaType().orElseThrow(),
                    text.replace(from, to).getBytes(StandardCharsets.UTF_8),
                    Optional.of(tag));
        }
    }

    @Test
    void inline_wrongMergedDigest_isRefusedThoughNothingIsRequired() throws Exception {
        assertThat(run("seal", "oci:DIR/plain:t")).isZero();
        String right = digest("canonical/allowlist-only/nanoseconds");
        forge("plain", "t", right, "00" + right.substring(2));
        Pulled pulled = pull("plain:t", NO_SEAL);
        assertThat(pulled.exit).isEqualTo(6);
        assertThat(new ImageRecords(pulled.store).all()).isEmpty();
    }

    @Test
    void inline_wrongConfigDigest_isRefused() throws Exception {
        assertThat(run("seal", "oci:DIR/plain:t")).isZero();
        String right = manifest("plain", "t")
                .config()
                .annotations()
                .values()
                .iterator()
                .next();
        forge("plain", "t", right, "00" + right.substring(2));
        assertThat(pull("plain:t", NO_SEAL).exit).isEqualTo(6);
    }

    @Test
    void inline_wrongLayerDigest_isRefused() throws Exception {
        assertThat(run("seal", "oci:DIR/plain:t")).isZero();
        String right = manifest("plain", "t")
                .layers()
                .getFirst()
                .annotations()
                .values()
                .iterator()
                .next();
        forge("plain", "t", right, "00" + right.substring(2));
        assertThat(pull("plain:t", NO_SEAL).exit).isEqualTo(6);
    }

    @Test
    void inline_signatureOfAnotherDigest_isRefused() throws Exception {
        assertThat(run("seal", "--key", "DIR/one.key", "--cert", "DIR/one.crt", "oci:DIR/plain:t"))
                .isZero();
        Manifest sealed = manifest("plain", "t");
        String merged = sealed.annotations().getOrDefault("composefs.merged.erofs.v1.fsverity-sha256-12.sig", "");
        String config = sealed.config().annotations().getOrDefault("composefs.config.fsverity-sha256-12.sig", "");
        forge("plain", "t", merged, config);
        assertThat(pull("plain:t", "{\"require\":\"signature\",\"certificatePath\":\"DIR/one.crt\"}").exit)
                .isEqualTo(6);
    }

    @Test
    void anotherAlgorithm_isNotChecked_andRefusedWhereRequired() throws Exception {
        assertThat(run("seal", "--digest-algorithm", "fsverity-sha512-12", "oci:DIR/plain:t"))
                .isZero();
        assertThat(pull("plain:t", NO_SEAL).seals())
                .contains("it is fsverity-sha512-12, this store fsverity-sha256-12");
        assertThat(pull("plain:t", "{\"require\":\"digest\"}").exit).isEqualTo(3);
        assertThat(pull("plain:t", "{\"require\":\"digest\"}", "--digest-algorithm", "sha512").exit)
                .isZero();
    }

    @Test
    void artifact_signed_meetsARequiredSignature() throws Exception {
        assertThat(run("seal", "--artifact", "--key", "DIR/one.key", "--cert", "DIR/one.crt", "oci:DIR/plain:t"))
                .isZero();
        String one = "{\"require\":\"signature\",\"certificatePath\":\"DIR/one.crt\"}";
        Pulled pulled = pull("plain:t", one);
        assertThat(pulled.composefs("digest")).isEqualTo(digest("canonical/allowlist-only/nanoseconds"));
        assertThat(pulled.seals())
                .contains("\"source\":\"artifact\",\"object\":\"manifest\"")
                .doesNotContain("\"signed\":false");
        assertThat(pull("plain:t", one.replace("one", "other")).exit).isEqualTo(3);
        assertThat(pull("plain", one).exit).as("the layout's only image").isZero();
    }

    @Test
    void artifact_severalSigners_oneOfThemSuffices() throws Exception {
        for (String signer : new String[] {"one", "other"}) {
            assertThat(run(
                            "seal",
                            "--artifact",
                            "--key",
                            "DIR/" + signer + ".key",
                            "--cert",
                            "DIR/" + signer + ".crt",
                            "oci:DIR/plain:t"))
                    .isZero();
        }
        Pulled pulled = pull("plain:t", "{\"require\":\"signature\",\"certificatePath\":\"DIR/other.crt\"}");
        assertThat(pulled.seals())
                .contains("\"signed\":true")
                .contains("its merged is signed by nobody whom policy names");
    }

    @Test
    void artifact_unsigned_countsForNothing() throws Exception {
        assertThat(run("seal", "--artifact", "oci:DIR/plain:t")).isZero();
        assertThat(pull("plain:t", "{\"require\":\"digest\"}").exit).isEqualTo(3);
    }

    @Test
    void artifact_thatAnybodyCouldHaveAdded_refusesNothing() throws Exception {
        String required = "{\"require\":\"signature\",\"certificatePath\":\"DIR/one.crt\"}";
        assertThat(run("seal", "--artifact", "--key", "DIR/one.key", "--cert", "DIR/one.crt", "oci:DIR/plain:t"))
                .isZero();
        String right = digest("canonical/allowlist-only/nanoseconds");
        try (LayoutSource source = LayoutSource.open(folder.resolve("plain"));
                LayoutWriter writer = LayoutWriter.open(folder.resolve("plain"))) {
            Digest image = source.fetchByTag("t").digest();
            Descriptor artifact = source.referrers(image, "application/vnd.composefs.metadata.v1")
                    .getFirst();
            String text = new String(source.fetchByDigest(artifact.digest()).bytes(), StandardCharsets.UTF_8);
            String wrong = text.replace(right, "00" + right.substring(2));
            String malformed = text.replace("composefs.config.", "composefs.manifest.");
            for (String added : new String[] {wrong, malformed}) {
                assertThat(added).isNotEqualTo(text);
                writer.putManifest(
                        artifact.mediaType(),
                        added.getBytes(StandardCharsets.UTF_8),
                        Optional.of("tag" + added.hashCode()));
            }
        }
        Pulled pulled = pull("plain:t", required);
        assertThat(pulled.composefs("digest")).isEqualTo(right);
        assertThat(pulled.seals())
                .contains("over the expected bytes")
                .contains("expected each once, in the order manifest, config");
        assertThat(pull("plain:t", required.replace("one", "other")).exit).isEqualTo(3);
    }

    private void label(String digest) throws Exception {
        Path blobs = folder.resolve("plain/blobs/sha256");
        Manifest manifest = manifest("plain", "t");
        String config =
                Files.readString(blobs.resolve(manifest.config().digest().hex()));
        byte[] labelled = config.replace(
                        "\"config\":{}",
                        "\"config\":{\"Labels\":{\"containers.composefs.fsverity\":\"" + digest + "\"}}")
                .getBytes(StandardCharsets.UTF_8);
        Digest name = Digest.Algorithm.SHA256.of(labelled);
        Files.write(blobs.resolve(name.hex()), labelled);
        Descriptor old = manifest.config();
        forge("plain", "t", old.digest() + "\",\"size\":" + old.size(), name + "\",\"size\":" + labelled.length);
    }

    @Test
    void label_digestOfSomeFormat_isFoundAndNamed() throws Exception {
        // /usr alone, in V2: what cfsctl 0.9.0 computes with --erofs-version 2
        image = vector("smallest");
        image.write(folder.resolve("plain"), "t");
        label("26b136ff44424f2535ab13867000a694c7c2fb681eec9f79b82f76a0a303818a");
        Pulled pulled = pull("plain:t", "{\"require\":\"digest\"}");
        assertThat(pulled.composefs("format")).isEqualTo("V2");
        assertThat(pulled.composefs("digest"))
                .isEqualTo("26b136ff44424f2535ab13867000a694c7c2fb681eec9f79b82f76a0a303818a");
    }

    @Test
    void label_wrongDigest_isRefusedThoughNothingIsRequired() throws Exception {
        label("00".repeat(32));
        assertThat(pull("plain:t", NO_SEAL).exit).isEqualTo(6);
    }

    @Test
    void seal_layerThatIsNotItsDiffId_isRefused() throws Exception {
        Path blobs = folder.resolve("plain/blobs/sha256");
        Manifest manifest = manifest("plain", "t");
        byte[] config =
                Files.readAllBytes(blobs.resolve(manifest.config().digest().hex()));
        String other = new String(config, StandardCharsets.UTF_8)
                .replace(
                        Digest.Algorithm.SHA256.of(image.layers().getFirst()).toString(),
                        Digest.Algorithm.SHA256.of(new byte[1]).toString());
        Digest digest = Digest.Algorithm.SHA256.of(other.getBytes(StandardCharsets.UTF_8));
        Files.writeString(blobs.resolve(digest.hex()), other);
        forge("plain", "t", manifest.config().digest().toString(), digest.toString());
        assertThat(run("seal", "oci:DIR/plain:t")).isEqualTo(6);
    }

    @Test
    void seal_imageWithoutUsr_isRefusedUnlessFaithful() throws Exception {
        vector("root-without-usr").write(folder.resolve("odd"), "t");
        assertThat(run("seal", "oci:DIR/odd:t")).isEqualTo(6);
        assertThat(run("seal", "--mapping", "faithful", "oci:DIR/odd:t")).isZero();
        assertThat(pull("odd:t", "{\"require\":\"digest\"}").exit).isZero();
    }

    @Test
    void seal_again_replacesWhatWasSigned() throws Exception {
        assertThat(run("seal", "--key", "DIR/one.key", "--cert", "DIR/one.crt", "oci:DIR/plain:t"))
                .isZero();
        assertThat(run("seal", "oci:DIR/plain:t")).isZero();
        assertThat(manifest("plain", "t").annotations().keySet()).noneMatch(key -> key.endsWith(".sig"));
    }

    @Test
    void seal_wrongWords_isUsage() {
        assertThat(run("seal", "--digest-algorithm", "sha256", "oci:DIR/plain:t"))
                .isEqualTo(2);
        assertThat(run("seal", "--xattrs", "all", "oci:DIR/plain:t")).isEqualTo(2);
        assertThat(run("seal", "--mapping", "other", "oci:DIR/plain:t")).isEqualTo(2);
        assertThat(run("seal", "--key", "DIR/one.key", "oci:DIR/plain:t")).isEqualTo(2);
        assertThat(run("seal", "--artifact", "oci:DIR/plain:t", "oci:DIR/x:y")).isEqualTo(2);
        assertThat(run("seal", "docker://a.example/b:c")).isEqualTo(2);
    }

    @Test
    void layerImages_pulled_haveTheDigestsOfTheSeal() throws Exception {
        image = vector("opaque-first");
        image.write(folder.resolve("layers"), "t");
        assertThat(run("seal", "oci:DIR/layers:t")).isZero();
        Pulled pulled = pull("layers:t", NO_SEAL, "--layer-images");
        Manifest sealed = manifest("layers", "t");
        JsonCursor.Members images = pulled.record().required("layerImages").object();
        for (int i = 0; i < image.layers().size(); i++) {
            String diffId = Digest.Algorithm.SHA256.of(image.layers().get(i)).toString();
            String entry = sealed.layers()
                    .get(i)
                    .annotations()
                    .getOrDefault("composefs.layer.erofs.v1.fsverity-sha256-12", "");
            assertThat(images.required(diffId).string()).isEqualTo(entry);
            assertThat(pulled.store.resolve("images").resolve(entry)).isSymbolicLink();
            assertThat(pulled.store.resolve("images/refs/oci/layer@" + diffId)).isSymbolicLink();
        }
    }

    @Test
    void artifact_inALayout_isListedAmongItsReferrers() throws Exception {
        assertThat(run("seal", "--artifact", "oci:DIR/plain:t")).isZero();
        try (LayoutSource source = LayoutSource.open(folder.resolve("plain"))) {
            assertThat(source.referrers(source.fetchByTag("t").digest(), "application/vnd.composefs.metadata.v1"))
                    .hasSize(1);
        }
    }
}
