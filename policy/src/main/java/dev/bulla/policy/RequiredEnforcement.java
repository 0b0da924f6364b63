package dev.bulla.policy;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Arrays;

/**
 * What must at least hold a mounted image to its digest. In a policy file:
 *
 * <pre>{@code "bulla": {"version": 1, "requireEnforcement": "kernel-verity"}}</pre>
 */
public enum RequiredEnforcement {
    /** The kernel, at every read: fs-verity of the image and of every content file. */
    KERNEL_VERITY("kernel-verity"),
    /** The kernel, or memory of the guest that holds all of the store. */
    GUEST_MEMORY("guest-memory");

    private final String id;

    RequiredEnforcement(String id) {
        this.id = id;
    }

    /** Its name in policies. */
    public String id() {
        return id;
    }

    static RequiredEnforcement parse(JsonCursor value) throws JsonException {
        String text = value.string();
        return Arrays.stream(values())
                .filter(candidate -> candidate.id.equals(text))
                .findAny()
                .orElseThrow(() -> value.refuse(
                        "got " + Quoted.text(text) + ", expected \"kernel-verity\" or \"guest-memory\" (at least)"));
    }
}
