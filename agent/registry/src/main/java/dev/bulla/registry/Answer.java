package dev.bulla.registry;

import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import okhttp3.HttpUrl;
import okhttp3.Response;

/** The answer to one request, its body not yet read. To be closed. */
final class Answer implements Closeable {

    /** The most bytes of an answer that says what went wrong. */
    static final int MAX_ERROR_SIZE = 1 << 20;

    private final Response response;
    private final InputStream body;

    Answer(Response response, InputStream body) {
        this.response = response;
        this.body = body;
    }

    int status() {
        return response.code();
    }

    /** Where it came from, after redirects. */
    HttpUrl url() {
        return response.request().url();
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(response.header(name));
    }

    List<String> headers(String name) {
        return response.headers(name);
    }

    /** The body's length by its header, or -1. */
    long length() {
        return response.body().contentLength();
    }

    /** The body; throws {@link RegistryException}s only. */
    InputStream body() {
        return body;
    }

    /** The whole body; empty when it is longer than {@code limit}. */
    Optional<byte[]> read(int limit) throws RegistryException {
        if (length() > limit) {
            return Optional.empty();
        }
        try {
            byte[] bytes = body.readNBytes(limit);
            return body.read() < 0 ? Optional.of(bytes) : Optional.empty();
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw new UnreachableException(url().host() + ": " + Quoted.text(String.valueOf(e.getMessage())), e);
        }
    }

    /** This answer as the failure of what was asked for; reads what the server says and closes. */
    RegistryException failure(String what) {
        String message = what + ": got status " + status() + " from " + place(url()) + said();
        if (Pace.isTransient(status())) {
            return new UnreachableException(message, null);
        }
        return switch (status()) {
            case 401, 403 -> new UnauthorizedException(message);
            case 404 -> new NotFoundException(message);
            default -> new RegistryProtocolException(message);
        };
    }

    /** The scheme, host and port of a URL: paths and queries may hold secrets. */
    static String place(HttpUrl url) {
        String host = url.host().indexOf(':') >= 0 ? "[" + url.host() + "]" : url.host();
        boolean plain = url.port() == HttpUrl.defaultPort(url.scheme());
        return url.scheme() + "://" + host + (plain ? "" : ":" + url.port());
    }

    private String said() {
        try (this) {
            Optional<byte[]> bytes = read(MAX_ERROR_SIZE);
            if (bytes.isEmpty()) {
                return ", with more than " + MAX_ERROR_SIZE + " bytes of text";
            }
            String text = new String(bytes.get(), StandardCharsets.UTF_8).strip();
            return text.isEmpty()
                    ? ""
                    : ": " + Quoted.text(firstError(bytes.get()).orElse(text));
        } catch (RegistryException e) {
            return "";
        }
    }

    /** The first error of the distribution specification's error document. */
    private static Optional<String> firstError(byte[] json) {
        try {
            List<JsonCursor> errors =
                    JsonCursor.parse(json).object().required("errors").array();
            if (errors.isEmpty()) {
                return Optional.empty();
            }
            JsonCursor.Members error = errors.getFirst().object();
            Optional<JsonCursor> message = error.present("message");
            return Optional.of(error.required("code").string()
                    + (message.isPresent() ? ": " + message.get().string() : ""));
        } catch (OciException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        response.close();
    }
}
