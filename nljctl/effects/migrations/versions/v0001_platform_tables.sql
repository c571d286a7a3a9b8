CREATE TABLE public.content_items (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    title VARCHAR(255) NOT NULL,
    content_type VARCHAR(30) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE public.users (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    email VARCHAR(255) NOT NULL,
    full_name VARCHAR(255),
    role VARCHAR(30) DEFAULT 'PLAYER' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (email)
);

CREATE TABLE public.xapi_event_log (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    event_id VARCHAR(255) NOT NULL,
    event_type VARCHAR(50) NOT NULL,
    kafka_topic VARCHAR(100) NOT NULL,
    program_id UUID,
    session_id UUID,
    booking_id UUID,
    learner_id UUID,
    actor_email VARCHAR(255),
    verb_id VARCHAR(255) NOT NULL,
    object_id VARCHAR(255) NOT NULL,
    event_payload JSON NOT NULL,
    publish_status VARCHAR(20) DEFAULT 'published' NOT NULL,
    error_message TEXT,
    retry_count INTEGER DEFAULT '0' NOT NULL,
    correlation_id VARCHAR(255),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE,
    last_retry_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    UNIQUE (event_id)
);
CREATE INDEX ix_public_xapi_event_log_actor_email ON public.xapi_event_log (actor_email);
CREATE INDEX ix_public_xapi_event_log_correlation_id ON public.xapi_event_log (correlation_id);
CREATE INDEX ix_public_xapi_event_log_event_type ON public.xapi_event_log (event_type);
CREATE INDEX ix_public_xapi_event_log_kafka_topic ON public.xapi_event_log (kafka_topic);

CREATE TABLE public.generation_sessions (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    prompt_config JSON NOT NULL,
    claude_conversation_id VARCHAR(255),
    claude_message_id VARCHAR(255),
    generated_content JSON,
    validated_nlj JSON,
    validation_errors JSON,
    total_tokens_used INTEGER,
    generation_time_seconds FLOAT,
    status VARCHAR(20) NOT NULL,
    error_message TEXT,
    user_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    completed_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES public.users (id)
);
CREATE INDEX ix_generation_sessions_status ON public.generation_sessions (status);

CREATE TABLE public.nodes (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    node_type VARCHAR(50) NOT NULL,
    content JSON NOT NULL,
    content_hash VARCHAR(64),
    title VARCHAR(255),
    difficulty_level INTEGER,
    avg_completion_time INTEGER,
    success_rate NUMERIC(5, 4),
    difficulty_score NUMERIC(3, 2),
    engagement_score NUMERIC(3, 2),
    created_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(created_by) REFERENCES public.users (id)
);

CREATE TABLE public.training_programs (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    title VARCHAR(255) NOT NULL,
    description TEXT,
    duration_minutes INTEGER DEFAULT '120' NOT NULL,
    learning_objectives VARCHAR[],
    prerequisites UUID[],
    content_items UUID[],
    instructor_requirements JSON,
    requires_approval BOOLEAN DEFAULT false,
    auto_approve BOOLEAN DEFAULT true,
    is_active BOOLEAN DEFAULT true NOT NULL,
    is_published BOOLEAN DEFAULT false NOT NULL,
    created_by_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(created_by_id) REFERENCES public.users (id)
);
CREATE INDEX ix_training_programs_title ON public.training_programs (title);

CREATE TABLE public.generation_session_sources (
    generation_session_id UUID NOT NULL,
    source_document_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (generation_session_id, source_document_id),
    FOREIGN KEY(generation_session_id) REFERENCES public.generation_sessions (id) ON DELETE CASCADE
);

CREATE TABLE public.node_interactions (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    node_id UUID NOT NULL,
    user_id UUID NOT NULL,
    activity_id UUID,
    session_id VARCHAR(255) NOT NULL,
    response_data JSON NOT NULL,
    is_correct BOOLEAN,
    score NUMERIC(5, 2),
    time_to_respond INTEGER,
    attempts INTEGER DEFAULT '1' NOT NULL,
    activity_session_id VARCHAR(255),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(node_id) REFERENCES public.nodes (id),
    FOREIGN KEY(user_id) REFERENCES public.users (id),
    FOREIGN KEY(activity_id) REFERENCES public.content_items (id)
);

CREATE TABLE public.training_sessions (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    program_id UUID NOT NULL,
    start_time TIMESTAMP WITH TIME ZONE NOT NULL,
    end_time TIMESTAMP WITH TIME ZONE NOT NULL,
    timezone VARCHAR(50) DEFAULT 'UTC' NOT NULL,
    location VARCHAR(255),
    location_details JSON,
    location_override VARCHAR(255),
    capacity INTEGER DEFAULT '20' NOT NULL,
    instructor_id UUID,
    session_notes TEXT,
    max_attendees INTEGER,
    cal_booking_id BIGINT,
    cal_booking_uid VARCHAR(255),
    status VARCHAR(30) DEFAULT 'scheduled' NOT NULL,
    cancelled_at TIMESTAMP WITH TIME ZONE,
    cancellation_reason TEXT,
    attendance_taken BOOLEAN DEFAULT false NOT NULL,
    attendance_taken_at TIMESTAMP WITH TIME ZONE,
    attendance_taken_by_id UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(program_id) REFERENCES public.training_programs (id) ON DELETE CASCADE,
    FOREIGN KEY(instructor_id) REFERENCES public.users (id),
    UNIQUE (cal_booking_id),
    UNIQUE (cal_booking_uid),
    FOREIGN KEY(attendance_taken_by_id) REFERENCES public.users (id)
);
CREATE INDEX ix_training_sessions_start_time ON public.training_sessions (start_time);
CREATE INDEX ix_training_sessions_status ON public.training_sessions (status);

CREATE TABLE public.training_bookings (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    program_id UUID NOT NULL,
    session_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    cal_booking_id BIGINT,
    cal_attendee_id BIGINT,
    registration_method VARCHAR(30) DEFAULT 'online' NOT NULL,
    booking_status VARCHAR(30) DEFAULT 'confirmed' NOT NULL,
    is_waitlisted BOOLEAN DEFAULT false NOT NULL,
    waitlist_position INTEGER,
    waitlist_notified BOOLEAN DEFAULT false,
    registration_notes TEXT,
    special_requirements JSON,
    confirmation_sent BOOLEAN DEFAULT false NOT NULL,
    confirmation_sent_at TIMESTAMP WITH TIME ZONE,
    reminder_count INTEGER DEFAULT '0' NOT NULL,
    last_reminder_sent TIMESTAMP WITH TIME ZONE,
    cancelled_at TIMESTAMP WITH TIME ZONE,
    cancelled_by_id UUID,
    cancellation_reason VARCHAR(100),
    registered_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(program_id) REFERENCES public.training_programs (id) ON DELETE CASCADE,
    FOREIGN KEY(session_id) REFERENCES public.training_sessions (id) ON DELETE CASCADE,
    FOREIGN KEY(learner_id) REFERENCES public.users (id),
    FOREIGN KEY(cancelled_by_id) REFERENCES public.users (id)
);
CREATE INDEX ix_training_bookings_booking_status ON public.training_bookings (booking_status);
CREATE INDEX ix_training_bookings_session_id ON public.training_bookings (session_id);

CREATE TABLE public.attendance_records (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    session_id UUID NOT NULL,
    booking_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    attended BOOLEAN DEFAULT false NOT NULL,
    check_in_time TIMESTAMP WITH TIME ZONE,
    check_out_time TIMESTAMP WITH TIME ZONE,
    attendance_method VARCHAR(20) DEFAULT 'in_person' NOT NULL,
    participation_score FLOAT,
    engagement_notes TEXT,
    completed BOOLEAN DEFAULT false NOT NULL,
    completion_time TIMESTAMP WITH TIME ZONE,
    assessment_score FLOAT,
    certificate_issued BOOLEAN DEFAULT false NOT NULL,
    certificate_issued_at TIMESTAMP WITH TIME ZONE,
    instructor_notes TEXT,
    follow_up_required BOOLEAN DEFAULT false,
    follow_up_notes TEXT,
    recorded_by_id UUID NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(session_id) REFERENCES public.training_sessions (id) ON DELETE CASCADE,
    FOREIGN KEY(booking_id) REFERENCES public.training_bookings (id) ON DELETE CASCADE,
    FOREIGN KEY(learner_id) REFERENCES public.users (id),
    FOREIGN KEY(recorded_by_id) REFERENCES public.users (id)
);
CREATE INDEX ix_attendance_records_session_id ON public.attendance_records (session_id);
