package dev.bulla.kbs;

/**
 * Limits that the JDK's HTTP server takes from system properties when it is first used, for the whole process. What the
 * process's owner has set stands; the header limits are the JDK's own.
 */
final class HttpLimits {
    /** For how many seconds a request may be on its way; then its connection is closed. */
    static final int REQUEST_SECONDS = 30;

    /** For how many seconds an answer may be made and be on its way; then its connection is closed. */
    static final int ANSWER_SECONDS = 120;

    /** How many connections there may be at once. */
    static final int CONNECTIONS = 4096;

    /** How many connections may wait idle for their next request. */
    static final int IDLE_CONNECTIONS = 1024;

    private HttpLimits() {}

    /** To be called before the first server is made. */
    static synchronized void set() {
        setAbsent("sun.net.httpserver.maxReqTime", String.valueOf(REQUEST_SECONDS));
        setAbsent("sun.net.httpserver.maxRspTime", String.valueOf(ANSWER_SECONDS));
        setAbsent("sun.net.httpserver.maxIdleConnections", String.valueOf(IDLE_CONNECTIONS));
        setAbsent("jdk.httpserver.maxConnections", String.valueOf(CONNECTIONS));
        setAbsent(
                "sun.net.httpserver.nodelay", "true"); // else each small answer may wait for the peer's acknowledgement
    }

    private static void setAbsent(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
