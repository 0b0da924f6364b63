package dev.bulla.provision.quickstart;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.KbsException;
import dev.bulla.kbs.SelfSignedCertificate;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.ocicrypt.KbsPacketWrap;
import dev.bulla.ocicrypt.LayerEncryptor;
import dev.bulla.ocicrypt.OcicryptException;
import dev.bulla.provision.CosignSignature;
import dev.bulla.provision.ImageEncryptor;
import dev.bulla.provision.LayerSelection;
import dev.bulla.provision.LayoutRegistry;
import dev.bulla.provision.LayoutWriter;
import dev.bulla.provision.ProvisionException;
import dev.bulla.provision.SigningKey;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.LayoutSource;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Shows the whole way once, on this machine and with nothing but a JDK: an attestation service and a registry on loopback
 * ports, a demo image encrypted and signed, the agent as a process that pulls it, and three pulls that are refused.
 * Everything is made in one folder, which is deleted at the end.
 */
public final class Quickstart {
    private static final String REPOSITORY = "quickstart/demo";
    private static final String KEY = "quickstart/image-key/1";
    private static final String SIGNER = "quickstart/cosign-public-key/1";
    private static final String POLICY = "quickstart/image-policy/1";
    private static final String SIGNED = "signed";
    private static final String UNSIGNED = "unsigned";
    private static final int KEY_LENGTH = 32;
    private static final int EXIT_POLICY = 3;
    private static final int EXIT_KEY = 5;
    private static final int EXIT_CONTENT = 6;
    private static final int EXIT_STORE = 7;

    private final PrintStream out;
    private final Path javaHome;
    private final String classPath;
    private final boolean root;
    private final InstantSource clock;
    private final SecureRandom random;
    private final OutcomeTable outcomes = new OutcomeTable();

    /**
     * A quickstart.
     *
     * @param out where it tells what happens
     * @param javaHome the JDK that runs the agent, and whose files the demo image gets
     * @param classPath where the agent's classes are
     * @param root whether to try mounting
     */
    public Quickstart(
            PrintStream out, Path javaHome, String classPath, boolean root, InstantSource clock, SecureRandom random) {
        this.out = out;
        this.javaHome = javaHome;
        this.classPath = classPath;
        this.root = root;
        this.clock = clock;
        this.random = random;
    }

    /** What the steps share. */
    private record Scene(Workplace workplace, EmbeddedKbs kbs, LayoutRegistry registry, AgentProcess agent) {
        ImageReference image(String tag) throws OciException {
            return ImageReference.parse(registry.host() + "/" + REPOSITORY + ":" + tag);
        }

        Path certificate() {
            return workplace.folder().resolve("kbs.pem");
        }
    }

    /**
     * Runs it.
     *
     * @return whether everything came out as it was to
     */
    public boolean run()
            throws IOException, OciException, OcicryptException, ProvisionException, KbsException, KbsProtocolException,
                    InterruptedException {
        out.println("Bulla quickstart: a guest pulls an encrypted, signed image from a registry that nobody trusts.");
        try (Workplace workplace = Workplace.open(out)) {
            SelfSignedCertificate certificate = SelfSignedCertificate.make(clock, random);
            Path layout = workplace.folder().resolve("layout");
            try (EmbeddedKbs kbs = EmbeddedKbs.builder()
                            .tls(certificate.certificatePem(), certificate.keyPem())
                            .withSampleReferenceValues()
                            .resourcePolicy(ResourcePolicy.AFFIRMING)
                            .time(clock)
                            .random(random)
                            .start();
                    LayoutRegistry registry = LayoutRegistry.start(layout, REPOSITORY)) {
                Scene scene = new Scene(workplace, kbs, registry, new AgentProcess(javaHome, classPath, out, clock));
                Files.write(scene.certificate(), certificate.certificatePem());
                title("1. An attestation service and a registry on this machine");
                line("KBS", kbs.url() + ", TLS under a certificate made just now; the agent gets it by --kbs-cert");
                line("registry", registry.host() + ", plain HTTP, read-only: the adversary's ground");
                line("folder", workplace.folder() + ", deleted at the end");
                Descriptor image = prepare(scene, layout);
                pull(scene);
                mount(scene);
                refusals(scene, layout, image);
                finish(scene);
            }
        }
        return outcomes.allAsExpected();
    }

    private Descriptor prepare(Scene scene, Path layout)
            throws IOException, OciException, OcicryptException, ProvisionException, KbsProtocolException {
        title("2. The tenant makes an image, encrypts and signs it, and gives keys and policy to the KBS");
        byte[] key = new byte[KEY_LENGTH];
        random.nextBytes(key);
        SigningKey.Generated signer = SigningKey.generate(random);
        ImageReference signedName = scene.image(SIGNED);
        Descriptor signed;
        Path plainLayout = scene.workplace.folder().resolve("plain");
        try (LayoutWriter plain = LayoutWriter.open(plainLayout);
                LayoutWriter published = LayoutWriter.open(layout);
                KbsPacketWrap wrap = new KbsPacketWrap("kbs:///" + KEY, key, random)) {
            DemoImage.write(plain, "demo", javaHome, clock.instant());
            ImageEncryptor encryptor =
                    new ImageEncryptor(new LayerEncryptor(List.of(wrap), random), LayerSelection.ALL);
            try (LayoutSource source = LayoutSource.open(plainLayout)) {
                FetchedManifest demo = source.fetchByTag("demo");
                signed = encryptor.encrypt(source, demo, published, Optional.of(SIGNED));
                encryptor.encrypt(source, demo, published, Optional.of(UNSIGNED));
            }
            try (LayoutSource source = LayoutSource.open(layout)) {
                CosignSignature.sign(signed.digest(), signedName, signer.key()).store(source, published);
            }
        }
        Manifest manifest = manifest(layout, signed.digest());
        long size = manifest.layers().stream().mapToLong(Descriptor::size).sum();
        line("image", signedName + ", " + manifest.layers().size() + " layers, " + megabytes(size) + " encrypted");
        for (Descriptor layer : manifest.layers()) {
            line("", layer.mediaType() + "  " + megabytes(layer.size()));
        }
        scene.kbs.putResource(ResourcePath.parse(KEY), key);
        scene.kbs.putResource(ResourcePath.parse(SIGNER), signer.publicPem().getBytes(StandardCharsets.US_ASCII));
        String policy = JsonWriter.indented(policy(scene.image(SIGNED)));
        scene.kbs.putResource(ResourcePath.parse(POLICY), policy.getBytes(StandardCharsets.UTF_8));
        line("in the KBS", "kbs:///" + KEY + "  the layers' key");
        line("", "kbs:///" + SIGNER + "  who signs");
        line("", "kbs:///" + POLICY + "  what may run:");
        policy.lines().forEach(text -> out.println("        " + text));
        return signed;
    }

    private static JsonObject policy(ImageReference image) {
        JsonArray reject =
                new JsonArray(List.of(JsonObject.builder().put("type", "reject").build()));
        JsonArray signedByUs = new JsonArray(List.of(JsonObject.builder()
                .put("type", "sigstoreSigned")
                .put("keyPath", "kbs:///" + SIGNER)
                .build()));
        return JsonObject.builder()
                .put("default", reject)
                .put(
                        "transports",
                        JsonObject.builder()
                                .put(
                                        "docker",
                                        JsonObject.builder()
                                                .put(image.name(), signedByUs)
                                                .build())
                                .build())
                .build();
    }

    private static Manifest manifest(Path layout, Digest digest) throws IOException, OciException {
        try (LayoutSource source = LayoutSource.open(layout)) {
            FetchedManifest fetched = source.fetchByDigest(digest);
            return switch (ManifestOrIndex.parse(fetched.bytes(), fetched.mediaType())) {
                case Manifest manifest -> manifest;
                case dev.bulla.oci.Index index -> throw new OciException("the demo image is an index");
            };
        }
    }

    private static List<String> pullArguments(Scene scene, String tag, String store) throws OciException {
        return new ArrayList<>(List.of(
                "pull",
                scene.image(tag).toString(),
                "--policy",
                "kbs:///" + POLICY,
                "--kbs",
                scene.kbs.url().toString(),
                "--kbs-cert",
                scene.certificate().toString(),
                "--tee",
                "sample",
                "--insecure-registry",
                scene.registry.host(),
                "--store",
                scene.workplace.folder().resolve(store).toString(),
                "--progress",
                "plain",
                "--output",
                "json"));
    }

    /** The command without what stands in full above. */
    private static String brief(Scene scene, String tag) throws OciException {
        return "pull " + scene.image(tag) + " …";
    }

    private void pull(Scene scene) throws IOException, OciException, InterruptedException {
        title("3. The guest: attest, decide, get keys, decrypt, unpack, seal");
        List<String> arguments = pullArguments(scene, SIGNED, "store");
        String shown = String.join(" ", arguments).replace(" --", " \\\n          --");
        AgentProcess.Run run = scene.agent.run(arguments, shown);
        outcomes.add("pull of the encrypted, signed image", 0, run);
        if (run.exitCode() != 0) {
            return;
        }
        JsonCursor.Members result =
                JsonCursor.parse(run.answer().getBytes(StandardCharsets.UTF_8)).object();
        JsonCursor.Members composefs = result.required("composefs").object();
        line("manifest", result.required("manifestDigest").string());
        line("decision", decision(result));
        line(
                "attested",
                result.required("attestation").object().required("count").integer(0, Long.MAX_VALUE)
                        + " time, for policy, key and signer together");
        line("image", composefs.required("digest").string() + "  (fs-verity digest of the sealed image)");
        line("enforced by", composefs.required("enforcement").string());
        long layers = result.required("layers").array().stream()
                .filter(Quickstart::isEncrypted)
                .count();
        outcomes.note("encrypted layers in the result", "3", Long.toString(layers), layers == 3);
    }

    private static String decision(JsonCursor.Members result) throws OciException {
        JsonCursor.Members policy = result.required("policy").object();
        return policy.required("decision").string() + " by scope "
                + policy.required("scope").string();
    }

    private static boolean isEncrypted(JsonCursor layer) {
        try {
            return layer.object().required("encrypted").bool();
        } catch (OciException e) {
            return false;
        }
    }

    private void mount(Scene scene) throws IOException, OciException, InterruptedException {
        title("4. The sealed image, mounted");
        String what = "mount of the sealed image";
        if (!root) {
            line("skipped", "mounting needs root");
            outcomes.skip(what, "skipped, needs root");
            return;
        }
        Path bundle = scene.workplace.folder().resolve("bundle");
        List<String> arguments = pullArguments(scene, SIGNED, "store");
        arguments.addAll(List.of("--bundle", bundle.toString()));
        AgentProcess.Run run = scene.agent.run(arguments, brief(scene, SIGNED) + " --bundle " + bundle);
        if (run.exitCode() == EXIT_STORE) {
            line("skipped", "this kernel does not mount it");
            outcomes.skip(what, "skipped, exit " + run.exitCode());
            return;
        }
        try {
            outcomes.add(what, 0, run);
            if (run.exitCode() != 0) {
                return;
            }
            Path rootfs = bundle.resolve("rootfs");
            line("/", String.join("  ", Workplace.list(rootfs)));
            line("/app", String.join("  ", Workplace.list(rootfs.resolve("app"))));
            line(
                    "/app/cache",
                    String.join("  ", Workplace.list(rootfs.resolve("app").resolve("cache"))));
            line(
                    "secret.txt",
                    Files.readString(rootfs.resolve("app").resolve("secret.txt"))
                            .strip());
            boolean whiteout = !Files.exists(rootfs.resolve("app").resolve("old.txt"));
            outcomes.note("file deleted by a higher layer", "gone", whiteout ? "gone" : "there", whiteout);
        } finally {
            scene.workplace.unmount();
        }
    }

    private void refusals(Scene scene, Path layout, Descriptor image)
            throws IOException, OciException, InterruptedException {
        title("5. Three that are refused");
        Digest layer = manifest(layout, image.digest()).layers().getFirst().digest();
        line("a", "the registry flips one bit in the middle of the first layer");
        scene.registry.corrupt(layer);
        refused(scene, "pull of an image with a flipped bit", SIGNED, "store-a", EXIT_CONTENT);
        scene.registry.repair();
        line("b", "the same image, but nobody has signed it");
        refused(scene, "pull of the unsigned image", UNSIGNED, "store-b", EXIT_POLICY);
        line("c", "the KBS denies its resources to this guest");
        scene.kbs.setResourcePolicy(ResourcePolicy.DENY);
        refused(scene, "pull while the KBS denies", SIGNED, "store-c", EXIT_KEY);
    }

    private void refused(Scene scene, String what, String tag, String store, int exit)
            throws IOException, OciException, InterruptedException {
        AgentProcess.Run run = scene.agent.run(pullArguments(scene, tag, store), brief(scene, tag));
        line("exit " + run.exitCode(), run.exitCode() == exit ? "refused" : "not what was to come of it");
        outcomes.add(what, exit, run);
    }

    private void finish(Scene scene) {
        title("What happened");
        outcomes.print(out);
        out.println("    The KBS accepted " + scene.kbs.attestations() + " attestations and logged "
                + scene.kbs.audit().size() + " requests.");
        title("What to try next");
        out.println("    bulla kbs serve --help       an attestation service to point a guest at");
        out.println("    bulla encrypt --help         encrypt an image of yours, as skopeo does");
        out.println("    bulla sign --help            sign it, as cosign does");
        out.println("    bulla pull --help            all that a pull can be told");
    }

    private void title(String text) {
        out.println();
        out.println(text);
    }

    private void line(String name, String text) {
        out.printf(Locale.ROOT, "    %-11s %s%n", name, text);
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
