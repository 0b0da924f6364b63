package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

/** Keys or certificates that a policy names: a file or a resource, read at evaluation, or bytes in the policy itself. */
sealed interface KeyMaterial {

    /**
     * A file by its path, or a resource by its URI ({@code kbs:///…}, {@code file:///…}).
     *
     * @param path the text in the policy
     */
    record Located(String path) implements KeyMaterial {
        public Located {
            requireNonNull(path, "path is null");
        }

        @Override
        public String toString() {
            return path;
        }
    }

    /** Bytes in the policy. */
    final class Inline implements KeyMaterial {
        private final byte[] bytes;
        private final String jsonPath;

        Inline(byte[] bytes, String jsonPath) {
            this.bytes = bytes.clone();
            this.jsonPath = requireNonNull(jsonPath, "jsonPath is null");
        }

        byte[] bytes() {
            return bytes.clone();
        }

        /** Where in the policy it stands. */
        @Override
        public String toString() {
            return jsonPath;
        }
    }
}
