package dev.bulla.kbs.fault;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Faults in the order in which they were ordered: each is for so many of the next requests whose path begins as it says, and
 * then is used up.
 */
public final class FaultPlan implements KbsFaults {
    private static final class Order {
        private final String prefix;
        private final KbsFault fault;
        private int left;

        Order(String prefix, KbsFault fault, int times) {
            this.prefix = prefix;
            this.fault = fault;
            this.left = times;
        }
    }

    @GuardedBy("this")
    private final List<Order> orders = new ArrayList<>();

    /** Orders a fault for the next request below this path, such as {@code attest} or {@code resource/}. */
    @CanIgnoreReturnValue
    public FaultPlan order(String pathPrefix, KbsFault fault) {
        return order(pathPrefix, fault, 1);
    }

    /** Orders a fault for the next so many requests below this path. */
    @CanIgnoreReturnValue
    public synchronized FaultPlan order(String pathPrefix, KbsFault fault, int times) {
        if (times < 1) {
            throw new IllegalArgumentException(times + " times");
        }
        orders.add(new Order(
                requireNonNull(pathPrefix, "pathPrefix is null"), requireNonNull(fault, "fault is null"), times));
        return this;
    }

    /** How many faults are ordered and have not come. */
    public synchronized int left() {
        return orders.stream().mapToInt(order -> order.left).sum();
    }

    /** Cancels what is ordered and has not come. */
    public synchronized void clear() {
        orders.clear();
    }

    @Override
    public synchronized Optional<KbsFault> next(String method, String path) {
        for (Iterator<Order> all = orders.iterator(); all.hasNext(); ) {
            Order order = all.next();
            if (path.startsWith(order.prefix)) {
                if (--order.left == 0) {
                    all.remove();
                }
                return Optional.of(order.fault);
            }
        }
        return Optional.empty();
    }
}
