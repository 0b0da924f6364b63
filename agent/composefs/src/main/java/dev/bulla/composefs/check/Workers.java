package dev.bulla.composefs.check;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads on all cores. */
final class Workers implements AutoCloseable {
    /** Work that may fail. */
    @FunctionalInterface
    interface Task {
        void run() throws IOException;
    }

    private final ExecutorService threads;

    Workers() {
        threads = Executors.newFixedThreadPool(
                Runtime.getRuntime().availableProcessors(),
                Thread.ofPlatform().daemon().name("check-", 0).factory());
    }

    /** Runs them all, and throws what the first that failed threw, when all have ended. */
    void run(List<Task> tasks) throws IOException {
        List<Future<?>> running = new ArrayList<>();
        for (Task task : tasks) {
            running.add(threads.submit(() -> {
                task.run();
                return null;
            }));
        }
        try {
            for (Future<?> future : running) {
                future.get();
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failed -> throw failed;
                case RuntimeException defect -> throw defect;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the store is checked", e);
        } finally {
            running.forEach(future -> future.cancel(true));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
