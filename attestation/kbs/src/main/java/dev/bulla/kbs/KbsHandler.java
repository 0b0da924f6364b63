package dev.bulla.kbs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.bulla.kbs.fault.KbsFault;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Brings each request to its endpoint and writes the answer, refusals as the protocol's error information. */
final class KbsHandler implements HttpHandler {
    private static final System.Logger LOG = System.getLogger(KbsHandler.class.getName());
    private static final int CHUNK = 64 * 1024;

    /** RFC 9110's date; the JDK's RFC 1123 formatter writes days below ten with one digit. */
    private static final DateTimeFormatter IMF_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    /**
     * Where requests are answered.
     *
     * @param rcar challenges and answers
     * @param plugins resources and what other plugins serve
     * @param policies policies
     * @param referenceValues reference values
     * @param status what the server says of itself
     */
    record Endpoints(
            RcarEndpoints rcar,
            PluginEndpoints plugins,
            PolicyEndpoints policies,
            ReferenceValueEndpoints referenceValues,
            ServerStatus status) {}

    private final Endpoints endpoints;
    private final RequestReader reader;
    private final BodyBudget bodies;
    private final FaultInjection faults;
    private final ErrorMode errors;
    private final boolean secure;
    private final Phaser answering = new Phaser(1);

    KbsHandler(
            Endpoints endpoints,
            RequestReader reader,
            BodyBudget bodies,
            FaultInjection faults,
            ErrorMode errors,
            boolean secure) {
        this.endpoints = endpoints;
        this.reader = reader;
        this.bodies = bodies;
        this.faults = faults;
        this.errors = errors;
        this.secure = secure;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        if (answering.register() < 0) {
            exchange.close(); // the server is closing
            return;
        }
        try (exchange) {
            answer(exchange);
        } finally {
            answering.arriveAndDeregister();
        }
    }

    /** Answers no more requests, and waits for those that are being answered, for so long. */
    void drain(Duration most) {
        int phase = answering.arriveAndDeregister();
        try {
            if (phase >= 0) {
                answering.awaitAdvanceInterruptibly(phase, most.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (TimeoutException e) {
            // they are cut off
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            answering.forceTermination();
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        KbsResponse response;
        Optional<KbsFault> fault = Optional.empty();
        try (BodyBudget.Share share = bodies.share()) {
            Optional<KbsResponse> outside = outside(exchange);
            if (outside.isPresent()) {
                response = outside.get();
            } else {
                KbsRequest request = reader.read(exchange, share);
                fault = faults.next(request);
                if (fault.isPresent()) {
                    faults.before(fault.get(), request);
                }
                response = route(request);
                if (fault.isPresent()) {
                    response = faults.after(fault.get(), response);
                }
            }
        } catch (KbsRefusal e) {
            response = KbsResponse.of(e, errors);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a defect while answering a request", e);
            response = KbsResponse.of(new KbsRefusal(ErrorVariant.INTERNAL_ERROR, "internal error"), errors);
        }
        if (fault.isPresent() && !writesNormally(fault.get(), exchange)) {
            return;
        }
        write(exchange, response);
    }

    private Optional<KbsResponse> outside(HttpExchange exchange) {
        String path = exchange.getRequestURI().getRawPath();
        return path != null && exchange.getRequestMethod().equals("GET")
                ? endpoints.status().outside(path)
                : Optional.empty();
    }

    private KbsResponse route(KbsRequest request) throws KbsRefusal {
        String method = request.method();
        switch (method) {
            case "GET", "POST", "PUT", "DELETE" -> {}
            default -> throw new KbsRefusal(ErrorVariant.METHOD_NOT_ALLOWED, "the method is not allowed");
        }
        if (request.first().equals("reference-value")) {
            switch (method) {
                case "GET" -> {
                    return endpoints.referenceValues().query(request);
                }
                case "POST" -> {
                    return endpoints.referenceValues().register(request);
                }
                default -> {}
            }
        }
        return switch (method + " " + String.join("/", request.path())) {
            case "POST auth" -> endpoints.rcar().auth(request);
            case "POST attest" -> endpoints.rcar().attest(request);
            case "POST attestation-policy" -> endpoints.policies().setAttestationPolicy(request);
            case "POST resource-policy" -> endpoints.policies().setResourcePolicy(request);
            case "GET resource-policy" -> endpoints.policies().list(request);
            case "GET " + ServerStatus.KEY_SET -> endpoints.status().keySet();
            case "GET bulla/resources" -> endpoints.status().listResources(request);
            default -> endpoints.plugins().serve(request);
        };
    }

    /** Whether the right answer is written after all. */
    private static boolean writesNormally(KbsFault fault, HttpExchange exchange) throws IOException {
        switch (fault) {
            case KbsFault.CutConnection cut -> {
                exchange.close();
                return false;
            }
            case KbsFault.SlowAnswer slow -> {
                try {
                    Thread.sleep(slow.delay());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    exchange.close();
                    return false;
                }
                return true;
            }
            case KbsFault.OversizedBody oversized -> {
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, oversized.length());
                OutputStream body = exchange.getResponseBody();
                for (long left = oversized.length(); left > 0; left -= CHUNK) {
                    body.write(new byte[(int) Math.min(CHUNK, left)]);
                }
                return false;
            }
            default -> {
                return true;
            }
        }
    }

    private void write(HttpExchange exchange, KbsResponse response) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", response.contentType());
        response.session()
                .ifPresent(session -> exchange.getResponseHeaders()
                        .set(
                                "Set-Cookie",
                                RequestReader.COOKIE + "=" + session.id() + "; Expires="
                                        + IMF_DATE.format(session.expiresAt())
                                        + "; Path=/kbs/v0; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "")));
        if (exchange.getRequestMethod().equals("HEAD") || response.body().length == 0) {
            exchange.sendResponseHeaders(response.status(), -1);
        } else {
            exchange.sendResponseHeaders(response.status(), response.body().length);
            exchange.getResponseBody().write(response.body());
        }
    }
}
