package dev.bulla.registry;

import java.io.IOException;

/** Carries a failure of the content that is being uploaded through OkHttp. */
final class UploadException extends IOException {
    private static final long serialVersionUID = 1L;

    private final RegistryException cause;

    UploadException(RegistryException cause) {
        super(cause);
        this.cause = cause;
    }

    RegistryException cause() {
        return cause;
    }
}
