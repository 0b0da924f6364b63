package dev.bulla.policy;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.policy.signature.SigningKey;
import dev.bulla.policy.signature.VerificationKey;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How long a decision takes, warm and without network, and the parsing of a large policy. Run by hand (docs/policy.md says
 * how); no test asserts a time. The processor time is what counts on a machine that does other things too.
 */
public final class PolicyBench {
    private static final int SCOPES = 64;
    private static final int REQUIREMENTS = 16;
    private static final int SIGNATURES = 32;
    private static final int LARGE = 1024 * 1024;
    private static final int WARM = 150;
    private static final int RUNS = 100;
    private static final Digest MANIFEST = Digest.Algorithm.SHA256.of(new byte[] {42});
    private static final String REPOSITORY = "registry.example/team/app";

    private PolicyBench() {}

    /** What is measured. */
    private interface Work {
        int run() throws Exception;
    }

    public static void main(String[] words) throws Exception {
        PrintStream out = System.out;
        SigningKey key = SigningKey.ec("secp256r1");
        SigningKey foreign = SigningKey.ec("secp256r1");
        List<SigningKey> each = new ArrayList<>();
        for (int i = 0; i < REQUIREMENTS; i++) {
            each.add(SigningKey.ec("secp256r1"));
        }
        List<SigningKey> same = new ArrayList<>(Collections.nCopies(REQUIREMENTS, key));
        measure(out, "parse 1 MB", WARM, large());
        measure(out, "decide, the first signature is good", WARM, decide(same, signatures(key, foreign, 0)));
        measure(out, "decide, the last signature is good", 20, decide(same, signatures(key, foreign, SIGNATURES - 1)));
        List<StoredSignature> mixed = new ArrayList<>();
        for (int i = 0; i < SIGNATURES; i++) {
            mixed.add(each.get(i % REQUIREMENTS).attachment(MANIFEST, REPOSITORY));
        }
        measure(out, "decide, each requirement has its own key", 20, decide(each, mixed));
        byte[] signed = SigningKey.payload(MANIFEST, REPOSITORY);
        byte[] signature = key.sign(signed);
        var verifier = VerificationKey.parse(key.pem(), "bench");
        measure(out, "one ECDSA verification", WARM, () -> {
            verifier.verify(signed, signature);
            return 1;
        });
    }

    private static void measure(PrintStream out, String what, int warm, Work work) throws Exception {
        int seen = 0;
        for (int i = 0; i < warm; i++) {
            seen += work.run();
        }
        int runs = Math.min(RUNS, warm);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long[] nanos = new long[runs];
        long[] cpu = new long[runs];
        for (int i = 0; i < runs; i++) {
            long begin = System.nanoTime();
            long cpuBegin = threads.getCurrentThreadCpuTime();
            seen += work.run();
            cpu[i] = threads.getCurrentThreadCpuTime() - cpuBegin;
            nanos[i] = System.nanoTime() - begin;
        }
        Arrays.sort(nanos);
        Arrays.sort(cpu);
        out.printf(
                Locale.ROOT,
                "%-42s median %8.3f ms, best %8.3f ms, 95th %8.3f ms; processor time: median %8.3f ms, best %8.3f ms (%d)%n",
                what,
                nanos[runs / 2] / 1e6,
                nanos[0] / 1e6,
                nanos[runs * 95 / 100] / 1e6,
                cpu[runs / 2] / 1e6,
                cpu[0] / 1e6,
                seen);
    }

    private static List<StoredSignature> signatures(SigningKey key, SigningKey foreign, int good)
            throws GeneralSecurityException {
        List<StoredSignature> signatures = new ArrayList<>();
        for (int i = 0; i < SIGNATURES; i++) {
            signatures.add((i == good ? key : foreign).attachment(MANIFEST, REPOSITORY));
        }
        return signatures;
    }

    private static Work decide(List<SigningKey> keys, List<StoredSignature> signatures) throws Exception {
        StringBuilder json = new StringBuilder("{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{");
        for (int i = 1; i < SCOPES; i++) {
            json.append("\"registry").append(i).append(".example/team\":[{\"type\":\"reject\"}],");
        }
        json.append("\"registry.example\":[");
        for (int i = 0; i < keys.size(); i++) {
            json.append(i == 0 ? "" : ",").append(requirement(keys.get(i)));
        }
        Policy policy = Policy.parse(json.append("]}}}").toString().getBytes(StandardCharsets.UTF_8), "bench");
        PolicyEvaluator evaluator = new PolicyEvaluator(policy, new FileResources(), Clocks.now());
        PolicySubject subject = Subjects.docker(
                ImageReference.parse(REPOSITORY + ":1"), MANIFEST, Optional.empty(), LayerEncryption.NONE);
        SignatureSource source = Subjects.attachments(digest -> signatures);
        return () -> evaluator
                .evaluate(subject, source)
                .afterKeys(List.of())
                .requirements()
                .size();
    }

    private static Work large() throws IOException, GeneralSecurityException {
        String requirement = requirement(SigningKey.ec("secp256r1"));
        StringBuilder json = new StringBuilder("{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{");
        for (int i = 0; json.length() < LARGE; i++) {
            json.append(i == 0 ? "" : ",")
                    .append("\"registry.example/team")
                    .append(i)
                    .append("\":[")
                    .append(requirement)
                    .append(']');
        }
        byte[] bytes = json.append("}}}").toString().getBytes(StandardCharsets.UTF_8);
        return () -> Policy.parse(bytes, "bench").origin().length();
    }

    private static String requirement(SigningKey key) {
        return PolicyText.sigstoreSigned(key, "{'type':'matchRepository'}").replace('\'', '"');
    }
}
