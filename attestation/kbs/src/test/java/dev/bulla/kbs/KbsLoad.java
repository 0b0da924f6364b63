package dev.bulla.kbs;

import dev.bulla.attestation.client.AttestationException;
import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.KbsConfigurationException;
import dev.bulla.attestation.client.evidence.SampleAttester;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.ResourceUri;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.stream.LongStream;

/**
 * Guests, each a virtual thread, that attest and get the same resources over and over: a client, a key and a connection of its own
 * each time.
 *
 * <p>As a program it measures a KBS in a process of its own: {@code KbsLoad URL GUESTS SECONDS RESOURCE…}. The class path is what
 * {@code agent/bin/bulla} has built and this module's test classes.
 */
final class KbsLoad {
    /** A resource holds a layer's key. */
    private static final int MAX_RESOURCE = 1024;

    /** Of a round: challenge and answer. */
    private static final int REQUESTS_TO_ATTEST = 2;

    private final URI url;
    private final List<ResourcePath> resources;

    KbsLoad(URI url, List<ResourcePath> resources) {
        this.url = url;
        this.resources = resources;
    }

    /**
     * What came of it.
     *
     * @param rounds how often a guest attested and got all resources
     * @param failures how often one did not
     * @param failure why the first of them did not, or empty
     * @param took from the first to the last
     * @param nanos how long each round took, ascending
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Outcome(long rounds, long failures, String failure, Duration took, long[] nanos) {
        private double percentileMillis(double part) {
            return nanos.length == 0 ? 0 : nanos[(int) Math.min(nanos.length - 1, nanos.length * part)] / 1e6;
        }

        String text(int resources) {
            double seconds = took.toNanos() / 1e9;
            return String.format(
                    Locale.ROOT,
                    "%d attestations, %d failures%s, %.1f s: %.0f attestations/s, %.0f requests/s,"
                            + " a round p50 %.0f ms, p99 %.0f ms",
                    rounds,
                    failures,
                    failure.isEmpty() ? "" : " (the first: " + failure + ")",
                    seconds,
                    rounds / seconds,
                    rounds * (REQUESTS_TO_ATTEST + resources) / seconds,
                    percentileMillis(0.5),
                    percentileMillis(0.99));
        }
    }

    /** So many guests, each for so many rounds. */
    Outcome rounds(int guests, int rounds) throws Exception {
        return run(guests, guest -> {
            AtomicLong left = new AtomicLong(rounds);
            return () -> left.getAndDecrement() > 0;
        });
    }

    /** So many guests for so long. */
    Outcome lasting(int guests, Duration length) throws Exception {
        long end = System.nanoTime() + length.toNanos();
        return run(guests, guest -> () -> System.nanoTime() - end < 0);
    }

    private Outcome run(int guests, IntFunction<BooleanSupplier> more) throws Exception {
        long start = System.nanoTime();
        List<Callable<Guest>> tasks = new ArrayList<>();
        for (int i = 0; i < guests; i++) {
            BooleanSupplier again = more.apply(i);
            tasks.add(() -> new Guest().run(again));
        }
        List<Guest> ended = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Guest> guest : threads.invokeAll(tasks)) {
                ended.add(guest.get());
            }
        }
        long took = System.nanoTime() - start;
        long[] nanos = ended.stream()
                .flatMapToLong(guest -> guest.nanos.build())
                .sorted()
                .toArray();
        return new Outcome(
                nanos.length,
                ended.stream().mapToLong(guest -> guest.failures).sum(),
                ended.stream()
                        .map(guest -> guest.failure)
                        .filter(text -> !text.isEmpty())
                        .findFirst()
                        .orElse(""),
                Duration.ofNanos(took),
                nanos);
    }

    private final class Guest {
        private final LongStream.Builder nanos = LongStream.builder();
        private long failures;
        private String failure = "";

        Guest run(BooleanSupplier more) throws KbsConfigurationException {
            while (more.getAsBoolean()) {
                long start = System.nanoTime();
                try (KbsClient client = KbsClient.builder(url, new SampleAttester())
                        .insecureHttp()
                        .build()) {
                    for (ResourcePath resource : resources) {
                        client.fetch(ResourceUri.of(resource), MAX_RESOURCE);
                    }
                    nanos.add(System.nanoTime() - start);
                } catch (AttestationException e) {
                    failures++;
                    failure = failure.isEmpty() ? e.toString() : failure;
                }
            }
            return this;
        }
    }

    public static void main(String[] args) throws Exception {
        List<ResourcePath> resources = new ArrayList<>();
        for (String path : Arrays.asList(args).subList(3, args.length)) {
            resources.add(ResourcePath.parse(path));
        }
        KbsLoad load = new KbsLoad(URI.create(args[0]), resources);
        int guests = Integer.parseInt(args[1]);
        load.rounds(guests, 10); // until both ends are compiled
        Outcome outcome = load.lasting(guests, Duration.ofSeconds(Long.parseLong(args[2])));
        System.out.println(outcome.text(resources.size()));
        System.exit(outcome.failures() == 0 ? 0 : 1);
    }
}
